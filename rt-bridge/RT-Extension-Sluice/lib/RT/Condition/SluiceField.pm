# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Condition::SluiceField;

use 5.026;
use strict;
use warnings;

use base 'RT::Condition';

use RT::Extension::Sluice;

sub IsApplicable {
    my ($self) = @_;
    my ( $field, $wanted ) = split /=/, $self->Argument, 2;
    my $value = $self->NewValue($field);
    return 0 if !length( $value // q{} );
    return 1 if !defined $wanted;
    my $status = RT::Extension::Sluice->PlainStatus($value);
    return scalar grep { $status eq RT::Extension::Sluice->PlainStatus($_) } split /,/, $wanted;
}

# What the transaction gave the field, if it gave it anything.
sub NewValue {
    my ( $self, $name ) = @_;
    my $transaction = $self->TransactionObj;

    # A ticket that is created with a value gets no transaction for the field.
    return $self->TicketObj->FirstCustomFieldValue($name) if $transaction->Type eq 'Create';

    my $field = RT::CustomField->new( RT->SystemUser );
    $field->Load( $transaction->Field );
    return if !$field->Id || lc $field->Name ne lc $name;
    return $transaction->NewValue;
}

1;

__END__

=head1 NAME

RT::Condition::SluiceField - a custom field was given a value

=head1 DESCRIPTION

Applies when a ticket's custom field gets a new value, or the ticket is created with one. It does
not apply when the field is cleared, nor when the value it has is set again: RT makes no transaction
of that.

The argument is the name of the field, C<RepoAction>, or the field and the values that count,
C<RepoStatus=Unverified,Failed>. Values are compared without case, punctuation and old misspellings.

Use it in the stage TransactionBatch: before that the ticket is not yet visible to others.

=cut
