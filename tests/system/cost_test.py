# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile bundles of at most 10 MB, from a seeded generator: each has its verdict and reason code, within
5 s of processor time and 256 MB of all processes together, and leaves nothing behind.

SLUICE_SEED=N makes others; SLUICE_ONLY=PATTERN tries some; without SLUICE_LONG a part of them is drawn, and the
seed is printed. Bounds hold for the release build.
"""

import fnmatch
import json
import os
import pathlib
import random
import sys
import tempfile
import time
import unittest

import program

sys.path.insert(0, str(program.ROOT / 'fixtures/hostile'))
import contents  # noqa: E402
import costly  # noqa: E402
import parts  # noqa: E402
import tars  # noqa: E402
import zips  # noqa: E402

LONG = bool(os.environ.get('SLUICE_LONG')) or 'SLUICE_ONLY' in os.environ
SECONDS = 5 if LONG else 8  # processor time that grows where others share the processors
BYTES = 256 << 20
SEED = os.environ.get('SLUICE_SEED', '1')
DRAW = int(os.environ.get('SLUICE_DRAW', time.time()))
ONLY = os.environ.get('SLUICE_ONLY', '*')
USAGE = pathlib.Path(__file__).with_name('usage.py')


def drawn(cases, count):
    """All of them in the long form; so many of them else."""
    cases = [case for case in cases if fnmatch.fnmatch(case.name, ONLY)]
    if LONG or len(cases) <= count:
        return cases
    print(f'SLUICE_DRAW={DRAW}', file=sys.stderr)
    return random.Random(DRAW).sample(cases, count)


class Cost(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix='sluice-cost-')))
        self.home = self.scratch / 'tmp'
        self.home.mkdir()

    def check(self, path):
        """What `sluice check` answers, and what it cost."""
        report = self.scratch / 'usage'
        result = program.run(USAGE, report, program.SLUICE, 'check', path, '--json', cwd=self.home,
                             env=program.environment(TMPDIR=str(self.home)), timeout=600)
        seconds, memory = map(float, report.read_text().split())
        return result, seconds, memory

    def refused(self, path, codes):
        result, seconds, memory = self.check(path)
        self.assertEqual(result.status, 3, result)
        answer = json.loads(result.out)
        self.assertFalse(answer['sound'])
        told = {p['code'] for p in answer['problems'] if p['severity'] == 'error'}
        self.assertTrue(told & codes, f'{told} instead of {codes}\n{result}'[:4000])
        self.assertFalse([c for c in result.out + result.err if ord(c) < 32 and c != '\n'])
        self.assertEqual(list(self.home.iterdir()), [])
        self.assertLess(seconds, SECONDS)
        self.assertLess(memory, BYTES)

    def test_what_costs_much_is_refused_within_bounds(self):
        tried = 0
        for case in drawn(costly.cases(SEED), 10):
            with self.subTest(case.name):
                tried += 1
                path = costly.write(case, self.scratch)
                self.refused(path, case.codes)
                program.must('rm', '-rf', path)
        print(f'{tried} costly bundles', file=sys.stderr)

    def test_what_is_damaged_or_lies_is_refused_within_bounds(self):
        corpus = parts.Corpus(self.scratch / 'corpus')
        corpus.directory.mkdir()
        for maker in (tars, zips, contents):
            maker.make(corpus)
        tried = 0
        for case in drawn(corpus.cases, 60):
            with self.subTest(case.name):
                tried += 1
                codes = {*costly.FAKE, 'bundle-empty'} if case.code == '-' else {case.code}
                self.refused(corpus.directory / case.name, codes)
        print(f'{tried} bad bundles', file=sys.stderr)


if __name__ == '__main__':
    unittest.main()
