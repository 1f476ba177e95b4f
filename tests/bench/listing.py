# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a tree: directories, files, links; and what an operation adds to it."""

import os
import subprocess

KINDS = {'d': 'directories', 'f': 'files', 'l': 'links'}


def entries(path):
    """(path below, kind, inode, bytes, bytes on disk) of all in a tree; by find, which is faster than Python."""
    find = subprocess.Popen(['find', f'{path}{os.sep if path.is_dir() else ""}', '-printf', r'%P\t%y\t%i\t%s\t%b\0'],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    rest = b''
    while block := find.stdout.read(1 << 20):
        *whole, rest = (rest + block).split(b'\0')
        for one in whole:
            below, kind, inode, size, blocks = one.decode().split('\t')
            yield below, kind, int(inode), int(size), 512 * int(blocks)
    if find.wait() != 0:
        raise SystemExit(f'cannot list {path}')


def _of_packages(path):
    """Is it a package beside the stable URLs, or a directory for some?"""
    top, *below = path.split('/')
    return top != 'generations' and any(one in ('Packages', 'pool') for one in below[:-1])


def counts(found, before=()):
    """How many there are of each kind. Further names of a file, and all of those of before, are hard links."""
    result = dict.fromkeys((*KINDS.values(), 'hard links', 'bytes', 'on disk'), 0)
    seen = set(before)
    for _, kind, inode, size, room in found:
        if kind == 'f' and inode in seen:
            result['hard links'] += 1
            continue
        seen.add(inode)
        result[KINDS[kind]] += 1
        result['on disk'] += room
        if kind == 'f':
            result['bytes'] += size
    return result


class Made:
    """Counts what is in a tree at the end and was not at the beginning, but for packages."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        self._before, self._inodes = set(), set()
        for path, _, inode, *_ in entries(self._path):
            self._before.add(path)
            self._inodes.add(inode)
        return self

    def __exit__(self, *_):
        new = (one for one in entries(self._path) if one[0] not in self._before and not _of_packages(one[0]))
        self.counts = counts(new, self._inodes)
