# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Extension::Sluice::Field;

use 5.026;
use strict;
use warnings;

sub NewValue {
    my ( $class, $name, $ticket, $transaction ) = @_;
    $transaction = _Unrestricted($transaction);

    # A ticket that is created with a value gets no transaction for the field.
    return $ticket->FirstCustomFieldValue($name) if $transaction->Type eq 'Create';

    return if $transaction->Type ne 'CustomField';
    my $field = RT::CustomField->new( RT->SystemUser );
    $field->Load( $transaction->Field );
    return if !$field->Id || lc $field->Name ne lc $name;
    return $transaction->NewValue;
}

sub LastSet {
    my ( $class, $name, $ticket, $first ) = @_;
    my @batch = @{ $ticket->TransactionBatch // [$first] };
    my ($last) = grep { length( $class->NewValue( $name, $ticket, $_ ) // q{} ) } reverse @batch;
    return $last && _Unrestricted($last);
}

# RT shows the transactions of a batch, all but the first, with the eyes of the one who made them;
# who may set a field need not be allowed to see it.
sub _Unrestricted {
    my ($transaction) = @_;
    my $copy = RT::Transaction->new( RT->SystemUser );
    $copy->Load( $transaction->Id );
    return $copy;
}

1;

__END__

=head1 NAME

RT::Extension::Sluice::Field - which transaction gave a custom field its value

=head1 METHODS

=head2 NewValue NAME, TICKET, TRANSACTION

What the transaction gave the field, if it gave it anything; empty if it cleared it.

=head2 LastSet NAME, TICKET, TRANSACTION

The last transaction of the ticket's batch that gave the field a value. An action of the stage
TransactionBatch needs it: RT hands it the first transaction of the batch, which need not be the one
that its condition applied to.

=cut
