# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Extension::Sluice::Release;

use 5.026;
use strict;
use warnings;

use JSON ();
use RT::Extension::Sluice::Peer;

# Answers are kept in each web server process. A ticket's time of change is part of the key, so that
# what sluice writes to the ticket shows at once.
my $KEPT_SECONDS = 60;
my $KEPT_ANSWERS = 500;
my %kept;

# After a failure the next pages do not wait for sluice.
my $PAUSE_SECONDS = 15;
my $paused_until = 0;

my $MOST_ROWS = 500;
my $MOST_CHARACTERS = 1000;

# Separators of lines and paragraphs, embeddings and overrides; annotations between lines.
my $LINES = "\x{2028}-\x{202e}\x{fff9}-\x{fffb}";

sub ForTicket {
    my ( $class, $ticket ) = @_;
    my $key = join q{/}, $ticket->Id, $ticket->LastUpdated // q{};
    my $known = $kept{$key};
    return $known->{release} if $known && $known->{until} > time;
    return if $paused_until > time;

    my $peer = RT::Extension::Sluice::Peer->New || return;
    my ( $status, $content ) = $peer->Get( 'release?ticket=' . $ticket->Id );
    my $release = $status == 200 ? $class->FromJSON( $ticket->Id, $content ) : undef;
    if ( !$release && $status != 404 ) {
        my $why = $status == 200 ? 'it is not the agreed JSON' : $content;
        RT->Logger->warning( 'sluice: no answer about ticket ' . $ticket->Id . ": $why" );
        $paused_until = time + $PAUSE_SECONDS;
        return;
    }
    $release //= { ticket => $ticket->Id };
    %kept = () if keys %kept >= $KEPT_ANSWERS;
    $kept{$key} = { release => $release, until => time + $KEPT_SECONDS };
    return $release;
}

# Only what the page shows, and of it only text: the answer is foreign.
sub FromJSON {
    my ( $class, $ticket, $json ) = @_;
    my $answer = eval { JSON->new->utf8->max_depth(8)->decode($json) };
    return if ref $answer ne 'HASH' || _Text( $answer->{ticket} ) ne $ticket;
    return {
        ticket   => $ticket,
        release  => _Text( $answer->{release} ),
        stage    => _Text( $answer->{stage} ),
        url      => $class->Link( $answer->{url} ),
        packages => _Rows( $answer->{packages}, qw(name version architecture platform) ),
        history  => _Rows( $answer->{history}, qw(operation time verb by result) ),
    };
}

# The address, if a page may link to it.
sub Link {
    my ( $class, $url ) = @_;
    my $text = _Text($url);
    return $text =~ m{\A https?://[^\s<>"'\\]+ \z}xi ? $text : q{};
}

# What the ticket itself says of RepoAction and RepoStatus, latest last; for when sluice is silent.
sub TicketHistory {
    my ( $class, $ticket ) = @_;
    my %name;
    my $fields = $ticket->CustomFields;
    while ( my $field = $fields->Next ) {
        $name{ $field->Id } = $field->Name if $field->Name =~ /\ARepo(?:Action|Status)\z/;
    }
    return [] if !%name;
    my $transactions = $ticket->Transactions;
    $transactions->Limit( FIELD => 'Type', VALUE => 'CustomField' );
    $transactions->Limit( FIELD => 'Field', OPERATOR => 'IN', VALUE => [ keys %name ] );
    $transactions->OrderByCols( { FIELD => 'id', ORDER => 'DESC' } );
    $transactions->RowsPerPage(20);
    my @rows;
    while ( my $transaction = $transactions->Next ) {    # leaves out what the user may not see
        unshift @rows,
            {
                time  => $transaction->CreatedAsString,
                by    => $class->Shown( $transaction->CreatorObj->Name ),
                field => $name{ $transaction->Field },
                old   => $class->Shown( $transaction->OldValue ),
                new   => $class->Shown( $transaction->NewValue ),
            };
    }
    return \@rows;
}

sub _Rows {
    my ( $list, @columns ) = @_;
    return [] if ref $list ne 'ARRAY';
    my @rows;
    for my $item ( @{$list} ) {
        last if @rows == $MOST_ROWS;
        next if ref $item ne 'HASH';
        push @rows, { map { $_ => _Text( $item->{$_} ) } @columns };
    }
    return \@rows;
}

# What is not shown as it stands, or reorders what is, by its number: the set of sluice's core/model/text.
sub Shown {
    my ( $class, $text ) = @_;
    return ( $text // q{} ) =~ s{([\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}$LINES])}
        {sprintf '\u{%04x}', ord $1}egr;
}

sub _Text {
    my ($value) = @_;
    return q{} if !defined $value || ref $value;
    return __PACKAGE__->Shown( substr $value, 0, $MOST_CHARACTERS );
}

1;

__END__

=head1 NAME

RT::Extension::Sluice::Release - what the box on the ticket's page shows

=head1 DESCRIPTION

C<ForTicket> asks sluice, C<$SluiceURL/release?ticket=N>, and returns a hash of plain text, or
nothing if sluice is not configured or did not answer in time. A ticket that sluice has no release
for gives a hash without one. C<TicketHistory> is the ticket's own account, for that case.
C<Shown> is text that may be read by a person: what steers, reorders or hides it is written by its number.

All text is foreign and must be escaped where it is shown; C<url> is empty unless it may be a link.

=cut
