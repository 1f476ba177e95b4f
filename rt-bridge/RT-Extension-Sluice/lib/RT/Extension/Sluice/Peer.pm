# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Extension::Sluice::Peer;

use 5.026;
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use RT::Extension::Sluice::Call;

# A person waits for every request that is made here.
my $LONGEST_WAIT = 3;

# Seconds in which what is told may still arrive after the person has stopped waiting.
my $GOES_ON = 30;

sub New {
    my ($class) = @_;
    my $url = RT->Config->Get('SluiceURL') || return;
    if ( $url !~ m{\A https?:// (?: [\w.-]+ | \[ [[:xdigit:]:.]+ \] ) (?: :\d+ )? (?: / [^\s?\#]* )? \z}xi ) {
        RT->Logger->error('sluice: $SluiceURL is not a plain http or https address');
        return;
    }
    return bless { url => $url =~ s{/+\z}{}r }, $class;
}

sub Post {
    my ( $self, $path, $body, %headers ) = @_;
    my %signature = $self->_Signature($body);
    return ( 0, 'there is no secret to sign with' ) if !%signature;
    my $answer = $self->_Request(
        'POST', $path,
        RT->Config->Get('SluiceHookSeconds'),
        {
            goes_on => $GOES_ON,
            content => $body,
            headers => { 'Content-Type' => 'application/json', %headers, %signature },
        },
    );
    return ( $answer->{success}, _Outcome($answer) );
}

sub Get {
    my ( $self, $path ) = @_;
    my $answer = $self->_Request(
        'GET', $path,
        RT->Config->Get('SluiceBoxSeconds'),
        { headers => { Accept => 'application/json', $self->_Signature($path) } },
    );
    return ( $answer->{status}, $answer->{success} ? $answer->{content} : _Outcome($answer) );
}

# sluice accepts a request that was signed lately by someone who has the secret.
sub _Signature {
    my ( $self, $text ) = @_;
    my $secret = $self->_Secret // return;
    my $timestamp = time;
    return (
        'X-Sluice-Timestamp' => $timestamp,
        'X-Sluice-Signature' => 'sha256=' . hmac_sha256_hex( "$timestamp.$text", $secret ),
    );
}

# The secret is in a file, because RT shows its configuration on a web page.
sub _Secret {
    my $file = RT->Config->Get('SluiceHookSecretFile') || return;
    my $secret;
    if ( open my $handle, '<:raw', $file ) {
        $secret = readline $handle;
        close $handle or undef $secret;
    }
    $secret =~ s/\s+\z// if defined $secret;
    return $secret if length( $secret // q{} ) >= 16;
    RT->Logger->error("sluice: $file cannot be read, or holds less than 16 characters");
    return;
}

sub _Request {
    my ( $self, $method, $path, $seconds, $options ) = @_;
    $seconds = $LONGEST_WAIT if !$seconds || $seconds !~ /\A[\d.]+\z/ || $seconds > $LONGEST_WAIT;
    return RT::Extension::Sluice::Call->Make( $seconds,
        { method => $method, url => "$self->{url}/$path", %{$options} } );
}

# One printable line for the log. Statuses of 599 are ours; the text of any other
# answer is the peer's and stays out.
sub _Outcome {
    my ($answer) = @_;
    return "HTTP status $answer->{status}" if $answer->{status} != 599;
    my ($line) = split /\n/, $answer->{content} // q{};
    $line =~ s/[^ -~]/?/g;
    $line =~ s/ at \S+ line \d+.*//;
    return substr $line, 0, 200;
}

1;

__END__

=head1 NAME

RT::Extension::Sluice::Peer - signed requests to sluice that end in time

=head1 SYNOPSIS

    my $peer = RT::Extension::Sluice::Peer->New or return;    # not configured
    my ( $taken, $why_not ) = $peer->Post( 'hook', $json, 'X-Sluice-Event' => 'repo_action' );
    my ( $status, $content ) = $peer->Get('release?ticket=7');

=head1 DESCRIPTION

Both methods return within C<$SluiceHookSeconds> or C<$SluiceBoxSeconds>, at most three seconds,
whatever the peer, the network or the name server does; a POST then goes on by itself for half a
minute. Redirects and proxies are not followed.

A request bears C<X-Sluice-Timestamp> (seconds since 1970) and C<X-Sluice-Signature>, which is
C<sha256=> and the HMAC-SHA256, in hexadecimal, of C<TIMESTAMP.TEXT>: the text is the body of a POST,
and what follows C<$SluiceURL/> in a GET. A POST is never sent unsigned.

What comes back on failure may be logged: it holds no secret and nothing the peer wrote.

=cut
