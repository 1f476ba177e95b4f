# SPDX-License-Identifier: GPL-2.0-or-later
package RT::Extension::Sluice;

use 5.026;
use strict;
use warnings;

our $VERSION = '0.1.0';

RT->AddStyleSheets('sluice.css');

1;

__END__

=head1 NAME

RT::Extension::Sluice - tickets that move software releases through a package repository

=head1 DESCRIPTION

sluice keeps signed yum and apt repositories in stages. With this extension a ticket of the queue
C<sw-rel> drives one release through them: the field RepoAction asks, sluice does, and RepoStatus,
RepositoryURL and a comment say what came of it.

The extension brings

=over

=item *

the queue C<sw-rel> with its custom fields, and the role "Responsible", which takes groups;

=item *

a signed call to sluice whenever RepoAction is set, so that it need not wait for its next poll
(L<RT::Condition::SluiceField>, L<RT::Action::SluiceHook>);

=item *

mail to those who have to act next (L<RT::Action::SluiceNotify>);

=item *

a box on the ticket's page: the release, its stage, its packages, its history
(L<RT::Extension::Sluice::Release>).

=back

It needs nothing that a Debian RT does not have. F<README.md> says how to install it, what sluice
has to answer, and which rights whom to give.

=head1 CONFIGURATION

See the comments in F<etc/Sluice_Config.pm>; any of it may be C<Set> in F<RT_SiteConfig.pm>.

=cut
