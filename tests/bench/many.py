# SPDX-License-Identifier: GPL-3.0-or-later
"""many: small releases come in one after the other, and some are promoted. What does the last cost, beside the first?

Whatever is made again for each release, or for each generation before, shows here. Sizes of releases repeat, so that
the first and the last operations of a kind move the same numbers of packages.
"""

import contextlib
import pathlib
import random
import re
import shutil
import stat
import time

import clock
import listing
import measure
import sluice

LARGEST = 20  # packages in a release
PATTERN = 40  # releases, after which sizes repeat
SIZES = [1 + int(LARGEST * ((one + 0.5) / PATTERN) ** 3) for one in range(PATTERN)]  # half of them have 1 to 3
random.Random('sizes').shuffle(SIZES)
BLOCK = 5 * PATTERN  # releases whose packages are written together
FIRST = 50  # releases that are there before anything is compared
COUNTED = 23  # of the pattern: a release of whose operations the files are counted; one that is promoted
# Operations that are compared, by kind. Each spans a whole pattern, or several.
COMPARED = {'admission': PATTERN, 'to stage-rollout': 20, 'to production': 20}
LEAST = FIRST + 2 * PATTERN


def _numbers(releases):
    """{form: numbers of packages}. Formats alternate, so that most releases have both."""
    packages = [(release + one, LARGEST * release + one)
                for release in releases for one in range(SIZES[release % PATTERN])]
    return {form: [number for turn, number in packages if turn % 2 == remainder]
            for remainder, form in enumerate(('rpm', 'deb'))}


class Many:
    def __init__(self, options, corpus, progress):
        self._options, self._corpus, self._progress = options, corpus, progress
        self._releases = options.releases
        self._scratch = options.scratch / 'many'
        self._scratch.mkdir()
        operations = self._releases + self._releases // 4 + self._releases // 8
        within = min(operations, options.operations or operations)
        self._early = operations - within  # operations of a time before
        self._costs = {}
        self._made = {}
        begin = self._releases - PATTERN
        self._counted = (next(one for one in range(FIRST, LEAST) if one % PATTERN == COUNTED),
                         next(one for one in range(begin, self._releases) if one % PATTERN == COUNTED))
        self.figures = {'releases': self._releases,
                        'packages': sum(SIZES[one % PATTERN] for one in range(self._releases)),
                        'lines': options.lines, 'operations': operations, 'within': within}

    def results(self):
        self._done = 0
        with self._time():
            self._depot = sluice.Depot(self._options.program, self._scratch, 'http://127.0.0.1', self._options.lines)
        for release in range(self._releases):
            if release % 100 == 0:
                self._progress(f'  {release} releases')
            self._come(release)
        self.figures |= {'minutes': (time.monotonic() - self._late) / 60, 'made': self._made}
        costs = self._compared()
        self._progress('  the whole depot')
        for name, arguments in {'list': ('list', '--stage', 'production'), 'refresh': ('refresh',),
                                'verify': ('verify',)}.items():
            costs[name] = [measure.total([self._depot.command(*arguments)]) for _ in range(3 if name == 'list' else 1)]
        self.figures |= {'holds': self._holds(), 'opened': self._opened()}
        return costs, self.figures

    def close(self):
        self._depot.close()
        shutil.rmtree(self._scratch)

    def _come(self, release):
        bundle = self._depot.bundle(f'r{release}', 1, self._packages(release))
        self._operation('admission', release, 'admit', bundle, '--line', sluice.line(self._line(release)))
        shutil.rmtree(bundle)
        if release % 4 == 3:
            self._operation('to stage-rollout', release, 'promote', self._id(release), '--to', 'stage-rollout')
        if release % 8 == 7:
            self._operation('to production', release, 'promote', self._id(release - 4), '--to', 'production')

    def _operation(self, kind, release, *arguments):
        with self._time():
            if self._done < self._early and self._done % 240 == 0:
                measure.run(*self._depot.command('gc'))
            command = self._depot.command(*arguments)
            if release in self._counted:
                with listing.Made(self._depot.path / 'public') as made:
                    cost = measure.total([command])
                self._made[f'{kind}, release {release + 1}'] = {'packages': SIZES[release % PATTERN]} | made.counts
            else:
                cost = measure.total([command])
        self._done += 1
        if release >= FIRST:
            self._costs.setdefault(kind, []).append(cost)

    def _time(self):
        """An hour passes after each early operation, and none after the others."""
        if self._done < self._early:
            return clock.at(f'-{self._early - self._done}h')
        if self._done == self._early:
            self._late = time.monotonic()
        return contextlib.nullcontext()

    def _line(self, release):
        return release % self._options.lines

    def _id(self, release):
        line = self._line(release)
        return f'r{release}-1.0.0' + (f'@{sluice.line(line)}' if line else '')

    def _packages(self, release):
        block = release // BLOCK
        if release % BLOCK == 0:
            of_block = _numbers(range(block * BLOCK, (block + 1) * BLOCK))
            self._paths = {form: self._corpus.numbered(form, f'releases-{block}', numbers)
                           for form, numbers in of_block.items()}
        return [self._paths[form][number] for form, numbers in _numbers([release]).items() for number in numbers]

    def _compared(self):
        costs = {}
        for kind, count in COMPARED.items():
            count = min(count, len(self._costs[kind]) // 2)
            costs[f'{kind}, first'], costs[f'{kind}, last'] = self._costs[kind][:count], self._costs[kind][-count:]
        return costs

    def _holds(self):
        """What the depot has in the end, and its files that grow with what happened."""
        path = self._depot.path
        return {name: listing.counts(listing.entries(path / name)) for name in
                ('public/generations', 'public', 'fragments', 'public/current/state.json', 'ledger.jsonl')}

    def _opened(self):
        """How many files verify opens, and how many of them more than once. By inode: links lead to one file."""
        if not shutil.which('strace'):
            return {}
        trace = self._scratch / 'opened'
        measure.run('strace', '-f', '-y', '-qq', '-e', 'trace=open,openat', '-o', trace, *self._depot.command('verify'))
        times = {}
        with open(trace, encoding='utf-8', errors='replace') as lines:
            for line in lines:
                path = re.search(rf'= \d+<({re.escape(str(self._depot.path))}/[^>]+)>$', line)
                with contextlib.suppress(FileNotFoundError):
                    status = pathlib.Path(path[1]).stat() if path else None
                    if status and stat.S_ISREG(status.st_mode):
                        times[status.st_ino] = times.get(status.st_ino, 0) + 1
        return {'files': len(times), 'more than once': sum(one > 1 for one in times.values()),
                'most': max(times.values(), default=0)}
