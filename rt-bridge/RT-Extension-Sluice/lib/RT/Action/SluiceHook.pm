# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Action::SluiceHook;

use 5.026;
use strict;
use warnings;

use base 'RT::Action';

use JSON ();
use RT::Extension::Sluice::Field;
use RT::Extension::Sluice::Peer;

my $FIELD = 'RepoAction';

# Without an address there is nothing to call: sluice polls anyway.
sub Prepare { return RT->Config->Get('SluiceURL') ? 1 : 0 }

sub Commit {
    my ($self) = @_;
    my $peer = RT::Extension::Sluice::Peer->New || return 0;
    my $transaction =
        RT::Extension::Sluice::Field->LastSet( $FIELD, $self->TicketObj, $self->TransactionObj ) || return 0;
    my ( $taken, $why_not ) = $peer->Post(
        'hook', $self->Body($transaction),
        'X-Sluice-Event'    => 'repo_action',
        'X-Sluice-Delivery' => 'txn-' . $transaction->Id,
    );
    return 1 if $taken;
    RT->Logger->error( sprintf 'sluice: it did not confirm transaction %d of ticket %d: %s',
        $transaction->Id, $self->TicketObj->Id, $why_not );
    return 0;
}

sub Body {
    my ( $self, $transaction ) = @_;
    my $ticket = $self->TicketObj;
    my $create = $transaction->Type eq 'Create';
    my $old = $create ? undef : $transaction->OldValue;
    return JSON->new->canonical->utf8->encode(
        {
            event       => 'repo_action',
            ticket      => 0 + $ticket->Id,
            transaction => 0 + $transaction->Id,
            txn_type    => $transaction->Type,
            queue       => $ticket->QueueObj->Name,
            field       => $FIELD,
            old         => length( $old // q{} ) ? $old : undef,
            new         => $create ? $ticket->FirstCustomFieldValue($FIELD) : $transaction->NewValue,
            actor       => $transaction->CreatorObj->Name,
            created     => $transaction->CreatedObj->W3CDTF,
        }
    );
}

1;

__END__

=head1 NAME

RT::Action::SluiceHook - tells sluice that RepoAction was set

=head1 DESCRIPTION

Posts one signed JSON document to C<$SluiceURL/hook>; F<README.md> describes it. If one request set
the field more than once, it is about the last time. sluice takes it as
a hint and reads the truth from RT, so a lost call costs at most its polling interval: a failure is
written to RT's log, and the user who changed the ticket does not notice, nor wait longer than
C<$SluiceHookSeconds>; a call that takes longer goes on alone for half a minute.

=cut
