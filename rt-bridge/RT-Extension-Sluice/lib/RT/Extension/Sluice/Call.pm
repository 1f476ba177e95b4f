# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Extension::Sluice::Call;

use 5.026;
use strict;
use warnings;

use Config qw(%Config);
use File::Spec ();
use POSIX ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $THIS_FILE = File::Spec->rel2abs(__FILE__);
my $LARGEST_ANSWER = 1_000_000;

# Only a signal that kills ends a wait whatever it waits for. Apache's mod_perl runs RT in threads,
# which get no SIGALRM, and an alarm would belong to all of them together: a process has its own.
sub Make {
    my ( $class, $seconds, $request ) = @_;
    my $until  = _Now() + $seconds;
    my $output = _Start( _Written( { %{$request}, until => $until + ( $request->{goes_on} // 0 ) } ) )
        || return _Failure('the process that asks cannot be started');
    my $answer = _ReadUntil( $until, $output );
    return _Failure("no complete answer within $seconds s") if !defined $answer;
    return _Failure('the process that asks has failed') if $answer !~ s/\A(\d{3}) ([01])\n//;
    return { status => $1, success => $2, content => $answer };
}

sub _Now { return clock_gettime(CLOCK_MONOTONIC) }

sub _Failure { return { status => 599, success => 0, content => $_[0] } }

# A file and not a pipe: nobody waits, or gets a signal, if it is not read.
sub _Written {
    my ($request) = @_;
    open my $file, '+>:raw', undef or return;
    print {$file} join "\n", @{$request}{qw(method url until)},
        ( map {"$_: $request->{headers}{$_}"} sort keys %{ $request->{headers} } ), q{}, $request->{content} // q{};
    return seek( $file, 0, 0 ) ? $file : undef;
}

# A child of a child, so that nobody has to wait for its end.
sub _Start {
    my ($input) = @_;
    return if !$input || !pipe my $output, my $its_output;
    my $process = fork // return;
    if ($process) {
        waitpid $process, 0;
        return $output;
    }
    POSIX::_exit(0) if fork // 1;

    # In a web server STDIN and STDOUT need not be files, and $^X need not be perl. What else is open,
    # such as the user's connection or a pipe that someone reads to its end, must not stay so.
    POSIX::dup2( fileno $input,      0 );
    POSIX::dup2( fileno $its_output, 1 );
    POSIX::close($_) for 2 .. 1023;
    POSIX::open( '/dev/null', POSIX::O_WRONLY() );    # becomes STDERR
    { no warnings 'exec'; exec $Config{perlpath}, $THIS_FILE }
    POSIX::_exit(127);
}

sub _ReadUntil {
    my ( $until, $output ) = @_;
    my $content = q{};
    vec( my $bits = q{}, fileno $output, 1 ) = 1;
    while ( ( my $left = $until - _Now() ) > 0 ) {
        my $ready = select my $readable = $bits, undef, undef, $left;
        next if $ready <= 0;    # too late, or a signal
        return $content if !sysread $output, $content, 65536, length $content;
        return $content if length $content > $LARGEST_ANSWER + 100;
    }
    return;
}

# What the process does.
sub _Answer {
    binmode STDIN;
    binmode STDOUT;
    my ( $head, $content ) = split /\n\n/, do { local $/ = undef; readline STDIN }, 2;
    my ( $method, $url, $until, @headers ) = split /\n/, $head;
    my $seconds = _EndAt($until);
    require HTTP::Tiny;
    my $answer = HTTP::Tiny->new(
        agent        => 'RT-Extension-Sluice',
        max_redirect => 0,
        max_size     => $LARGEST_ANSWER,
        timeout      => $seconds + 1,    # the alarm is what ends it
        verify_SSL   => 1,
        keep_alive   => 0,
        map { $_ => undef } qw(proxy http_proxy https_proxy),
    )->request(
        $method, $url,
        {
            headers => { map { split /: /, $_, 2 } @headers },
            length $content ? ( content => $content ) : (),
        }
    );
    printf '%s %d%s%s', $answer->{status}, $answer->{success} ? 1 : 0, "\n", $answer->{content};
    return;
}

# Whatever it waits for, and whatever the web server did to its signals.
sub _EndAt {
    my ($until) = @_;
    my $seconds = POSIX::ceil( $until - _Now() );
    POSIX::_exit(0) if $seconds <= 0;
    $SIG{ALRM} = 'DEFAULT';
    POSIX::sigprocmask( POSIX::SIG_UNBLOCK(), POSIX::SigSet->new( POSIX::SIGALRM() ) );
    alarm $seconds;
    return $seconds;
}

_Answer() if !caller;

1;

__END__

=head1 NAME

RT::Extension::Sluice::Call - an HTTP request that ends in time

=head1 SYNOPSIS

    my $answer = RT::Extension::Sluice::Call->Make(
        2, { method => 'GET', url => 'http://127.0.0.1:8910/healthz', headers => { Accept => '*/*' } } );

=head1 DESCRIPTION

C<Make> takes the seconds the caller waits at most and a request: C<method>, C<url>, C<headers> (no
line breaks in them) and, if there is any, C<content>. It returns C<status>, C<success> and C<content>
like L<HTTP::Tiny>; if there was no answer, the status is 599 and the content says why. Redirects and
proxies are not followed.

A request that nobody waits for any more is given up, unless it C<goes_on> for some more seconds: on a
busy machine what it tells may still arrive.

The request is made by a process of its own, which is this file run as a program. So the time holds
for the name server, for TLS and for a peer that sends one byte now and then, and in web servers with
threads as well as in others. It costs about 30 ms.

=cut
