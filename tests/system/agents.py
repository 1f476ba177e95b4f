# SPDX-License-Identifier: GPL-3.0-or-later
"""GnuPG agents: gpg, and dnf by way of it, leave one per home directory; tests end theirs."""

import pathlib
import subprocess


def end_below(directory):
    """Ends the agent of every GnuPG home below `directory`."""
    homes = {p.parent for name in ('pubring.kbx', 'pubring.gpg', 'S.gpg-agent', 'trustdb.gpg')
             for p in pathlib.Path(directory).rglob(name)}
    for home in homes:
        subprocess.run(['gpgconf', '--homedir', str(home), '--kill', 'all'], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
