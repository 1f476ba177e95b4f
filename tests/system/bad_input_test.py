# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad bundles: refused with exit status 3 and a reason code, nothing published, nothing left behind."""

import json
import pathlib
import tempfile
import time
import unittest

import hostile
import samples
from depot import Depot

SECONDS = 10
MEGABYTES = 256


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.depot.publish(hostile.GOOD)

    def kept(self):
        """All that a refusal must leave as it is."""
        depot = self.depot
        return (depot.generation(), depot.standing(),
                sorted(p.name for p in (depot.path / 'pool').rglob('*')),
                sorted(p.name for p in (depot.path / 'releases').iterdir()))

    def refused(self, make):
        with tempfile.TemporaryDirectory(prefix='sluice-hostile-') as scratch:
            handed_in, codes = make(pathlib.Path(scratch))
            before, start = self.kept(), time.monotonic()
            result = self.depot.run('admit', handed_in, '--json')
            seconds = time.monotonic() - start
            self.assertEqual(result.status, 3, result)
            answer = json.loads(result.out)
            self.assertIn(answer['code'], codes, result)
            self.assertTrue(answer['message'], result)
            self.assertEqual(self.kept(), before)
            self.assertEqual(self.depot.leftovers(), [])
            self.assertLess(seconds, SECONDS)

            told = self.depot.run('admit', handed_in)
            self.assertIn(answer['code'], told.err)
            self.assertFalse([c for c in told.err if ord(c) < 32 and c != '\n'], told)

    def test_each_is_refused_with_its_reason(self):
        for make in hostile.CASES:
            with self.subTest(make.__name__):
                self.refused(make)
        self.depot.must('verify')

    def test_the_same_bundle_without_the_change_is_welcome(self):
        good = samples.small('anchor')
        self.assertEqual(self.depot.admit(good, suffix=''), 'anchor-1.0.0')

    def test_memory_stays_small_whatever_comes_in(self):
        for make in (hostile.archive_that_grows_without_end,
                     hostile.deb_with_a_control_file_of_500_megabytes,
                     hostile.too_large):
            with self.subTest(make.__name__), tempfile.TemporaryDirectory() as scratch:
                handed_in, _ = make(pathlib.Path(scratch))
                result = self.depot.run('admit', handed_in, within=MEGABYTES << 20)
                self.assertEqual(result.status, 3, result)


if __name__ == '__main__':
    unittest.main()
