# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of a benchmark: so many of each format, and newer versions of some of them.

    <directory>/rpm/base-0-1000/*.rpm  packages 0 to 999
    <directory>/rpm/update-3-of-1000/*.rpm  20 newer versions, spread over names as chance has it

What is there already is used again, so that the next run begins at once.
"""

import concurrent.futures
import os
import pathlib

import deb
import rpm
import sample

WRITERS = {'rpm': rpm, 'deb': deb}
UPDATED = 20  # packages in an update


def _write(directory, form, numbers, update):
    return [str(WRITERS[form].write(sample.sample(number, update), directory)) for number in numbers]


class Corpus:
    def __init__(self, directory):
        self._directory = pathlib.Path(directory)

    def base(self, form, count, begin=0):
        """The paths of `count` packages, beginning with number `begin`."""
        return self._files(form, f'base-{begin}-{count}', range(begin, begin + count), 0)

    def update(self, form, turn, count):
        """Newer versions of 20 of the first `count`; those of different turns are different."""
        step = count // UPDATED
        return self._files(form, f'update-{turn}-of-{count}', range(turn % step, step * UPDATED, step), turn + 1)

    def _files(self, form, name, numbers, update):
        directory = self._directory / form / name
        directory.mkdir(parents=True, exist_ok=True)
        # The list of names is written last: without it the files are made again.
        listing = directory / '.names'
        if not listing.exists():
            pieces = [numbers[i:i + 500] for i in range(0, len(numbers), 500)]
            with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as processes:
                found = processes.map(_write, *zip(*((directory, form, piece, update) for piece in pieces)))
                paths = [path for piece in found for path in piece]
            listing.write_text(''.join(f'{pathlib.Path(path).name}\n' for path in paths))
        return [directory / line for line in listing.read_text().splitlines()]
