# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of a site: its package manager, set up with the client file that sluice prints."""

import pathlib
import re

import program
from apt import Apt
from dnf import Dnf, Dnf5
from zypper import Zypper


def dnf(depot, stage='production', mirrors=True, architecture='x86_64', release=None):
    kind = Dnf5 if program.has_client('dnf5') else Dnf
    return kind([depot.client_file(stage, 'el9', mirrors, release=release)], architecture)


def zypper(depot, stage='production', mirrors=True, release=None):
    return Zypper([depot.client_file(stage, 'el9', mirrors, release=release)])


def apt(depot, stage='production', architecture='amd64', release=None):
    text = depot.client_file(stage, 'debian12', release=release)
    # The administrator puts the key where Signed-By says; here it goes into the client's own tree.
    wanted = re.findall(r'^Signed-By: (/\S+)$', text, re.MULTILINE)
    keys = {path: _key(depot, path) for path in wanted}
    return Apt([text], architecture, keys)


def _key(depot, path):
    published = depot.public / 'keys' / pathlib.Path(path).name
    return published.read_text()
