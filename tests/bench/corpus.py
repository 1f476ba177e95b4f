# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of a benchmark: so many of each format, and newer versions of some of them.

    <directory>/rpm/base/*.rpm       numbers 0 to N - 1; a smaller corpus is a part of a larger one
    <directory>/rpm/update-03/*.rpm  20 newer versions, spread over names as chance has it

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

    def base(self, form, count):
        """The paths of the first `count` packages."""
        return self._files(form, 'base', range(count), 0)

    def update(self, form, turn, count):
        """Newer versions of 20 of the first `count`; those of different turns are different."""
        step = count // UPDATED
        return self._files(form, f'update-{turn:02}-of-{count}', range(turn % step, step * UPDATED, step), turn + 1)

    def _files(self, form, name, numbers, update):
        directory = self._directory / form / name
        directory.mkdir(parents=True, exist_ok=True)
        # The list of names is written last: without it the files are made again.
        listing = directory / f'.{len(numbers)}'
        if not listing.exists():
            pieces = [numbers[i:i + 500] for i in range(0, len(numbers), 500)]
            with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as processes:
                found = processes.map(_write, *zip(*((directory, form, piece, update) for piece in pieces)))
                paths = [path for piece in found for path in piece]
            listing.write_text(''.join(f'{pathlib.Path(path).name}\n' for path in paths))
        return [directory / line for line in listing.read_text().splitlines()]
