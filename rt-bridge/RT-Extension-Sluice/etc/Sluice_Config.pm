# SPDX-License-Identifier: GPL-2.0-or-later
# Defaults of RT::Extension::Sluice. Do not change them here: Set them in RT_SiteConfig.pm.

# Where `sluice bridge` listens, without a final slash: "http://127.0.0.1:8910". While it is empty
# nothing is called, and sluice finds changes by polling.
Set( $SluiceURL, '' );

# A file with the secret that sluice has in its configuration too: one line of at least 16
# characters. The web server's user must be able to read it, and nobody else.
Set( $SluiceHookSecretFile, '/etc/request-tracker5/sluice-hook.secret' );

# How long a user waits at most for sluice after setting RepoAction, and for the box on a ticket's
# page. Values above 3 count as 3.
Set( $SluiceHookSeconds, 2 );
Set( $SluiceBoxSeconds, 1 );

# Who is told: groups, users or addresses. TechnologyUnit when a release is in unverified or has
# failed, EarlyAdopters when it is in staged rollout.
Set(
    %SluiceNotify,
    TechnologyUnit => ['technology-unit'],
    EarlyAdopters  => ['early-adopters'],
);

1;
