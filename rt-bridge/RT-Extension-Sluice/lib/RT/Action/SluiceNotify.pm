# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Action::SluiceNotify;

use 5.026;
use strict;
use warnings;

use base 'RT::Action::NotifyGroup';

sub SetRecipients {
    my ($self) = @_;
    my %notify = RT->Config->Get('SluiceNotify');
    my $names = $notify{ $self->Argument } // [];
    $self->_HandleArgument($_) for ref $names ? @{$names} : $names;
    return 1;
}

1;

__END__

=head1 NAME

RT::Action::SluiceNotify - mail to the groups that have to act next

=head1 DESCRIPTION

RT's own L<RT::Action::NotifyGroup>, but the argument is a key of C<%SluiceNotify>
(C<TechnologyUnit>, C<EarlyAdopters>), and the configuration says who that is: names of groups or
users, or addresses.

=cut
