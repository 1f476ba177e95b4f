# SPDX-License-Identifier: GPL-3.0-or-later
"""A client made of a few lines: reads which packages a repository lists, over HTTP, as fast as it can.

What it asks for by name of its content it asks for once; such a file never changes.
"""

import functools
import gzip
import re
import urllib.request


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


@functools.lru_cache(maxsize=None)
def _lasting(url):
    body = fetch(url)
    return gzip.decompress(body) if body[:2] == b'\x1f\x8b' else body


@functools.lru_cache(maxsize=None)
def _names(url, pattern):
    return frozenset(match.decode() for match in re.findall(pattern, _lasting(url), re.MULTILINE))


def yum(base):
    """(what identifies the answer, names of packages) of the yum repository at `base`."""
    repomd = fetch(f'{base}/repodata/repomd.xml')
    primary = re.search(rb'href="([^"]+primary\.xml[^"]*)"', repomd)[1].decode()
    return repomd, _names(f'{base}/{primary}', rb'<name>([^<]+)</name>')


def apt(base, suite, architecture='amd64'):
    """(what identifies the answer, names of packages) of the apt repository at `base`."""
    release = fetch(f'{base}/dists/{suite}/InRelease')
    directory = f'main/binary-{architecture}'
    for name in ('Packages.gz', 'Packages'):
        found = re.search(rf'^ ([0-9a-f]{{64}}) +\d+ {directory}/{name}$'.encode(), release,
                          re.MULTILINE)
        if found:
            return release, _names(
                f'{base}/dists/{suite}/{directory}/by-hash/SHA256/{found[1].decode()}',
                rb'^Package: (\S+)$')
    raise AssertionError(f'{base}: InRelease names no {directory}/Packages')
