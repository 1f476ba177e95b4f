#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that writes so many MB/s, with others' files on the same disk, as backups and logs do.

    writer.py DIRECTORY RATE

Each file is flushed before it goes, five seconds later, so that the disk really gets all of it.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

RATE = 200  # MB/s
PIECE = 4_000_000
FILE = 40  # pieces
KEPT = 6  # files, so 1 GB


def write(directory, rate):
    data, begin, written, files = os.urandom(PIECE), time.monotonic(), 0, []
    while True:
        files.append(directory / f'{written}')
        with open(files[-1], 'wb') as file:
            for _ in range(FILE):
                file.write(data)
                written += PIECE
                time.sleep(max(0, begin + written / (rate * 1e6) - time.monotonic()))
        if len(files) > KEPT:
            with open(files[0], 'rb') as file:
                os.fdatasync(file.fileno())
            files.pop(0).unlink()


class Writer:
    """Writes while the context lasts. `rate()` is what it comes to, in MB/s."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)

    def __enter__(self):
        self._directory.mkdir()
        self._begin = time.monotonic()
        self._process = subprocess.Popen([sys.executable, __file__, self._directory, str(RATE)])
        time.sleep(KEPT * FILE * PIECE / (RATE * 1e6) + 2)  # until the first files are flushed
        return self

    def rate(self):
        counters = pathlib.Path(f'/proc/{self._process.pid}/io').read_text().split()
        return int(counters[counters.index('wchar:') + 1]) / 1e6 / (time.monotonic() - self._begin)

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        for file in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                file.unlink()


if __name__ == '__main__':
    write(pathlib.Path(sys.argv[1]), float(sys.argv[2]))
