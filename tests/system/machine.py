# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of a site: its package manager, set up with the client file that sluice prints."""

import pathlib
import re

from apt import Apt
from dnf import Dnf
from zypper import Zypper


def dnf(depot, stage='production', mirrors=True, architecture='x86_64'):
    return Dnf([depot.client_file(stage, 'el9', mirrors)], architecture)


def zypper(depot, stage='production', mirrors=True):
    return Zypper([depot.client_file(stage, 'el9', mirrors)])


def apt(depot, stage='production', architecture='amd64'):
    text = depot.client_file(stage, 'debian12')
    # The administrator puts the key where Signed-By says; here it goes into the client's own tree.
    wanted = re.findall(r'^Signed-By: (/\S+)$', text, re.MULTILINE)
    keys = {path: _key(depot, path) for path in wanted}
    return Apt([text], architecture, keys)


def _key(depot, path):
    published = depot.public / 'keys' / pathlib.Path(path).name
    return published.read_text()
