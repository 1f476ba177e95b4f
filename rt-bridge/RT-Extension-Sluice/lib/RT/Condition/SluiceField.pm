# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Condition::SluiceField;

use 5.026;
use strict;
use warnings;

use base 'RT::Condition';

use RT::Extension::Sluice::Field;

# What people and older programs wrote for a status; compared without case and punctuation.
my %OLDER_SPELLING = (
    uverified    => 'unverified',
    staterollout => 'stagerollout',
    depreceated  => 'deprecated',
);

sub IsApplicable {
    my ($self) = @_;
    my ( $field, $wanted ) = split /=/, $self->Argument, 2;
    my $value = RT::Extension::Sluice::Field->NewValue( $field, $self->TicketObj, $self->TransactionObj );
    return 0 if !length( $value // q{} );
    return 1 if !defined $wanted;
    my $plain = _Plain($value);
    return scalar grep { $plain eq _Plain($_) } split /,/, $wanted;
}

sub _Plain {
    my ($status) = @_;
    my $plain = lc($status) =~ s/[^[:alnum:]]//gr;
    return $OLDER_SPELLING{$plain} // $plain;
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
