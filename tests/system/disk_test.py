# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks and users that do not let sluice see what is there: that is an error, never an empty depot."""

import unittest

import program
import samples
from depot import Depot

NOBODY = ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups')


class Unseen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.depot.admit(samples.small('beacon'))

    def as_nobody(self, verb):
        return program.run(*program.BY_ROOT, *NOBODY, *self.depot.command(verb))

    def test_what_another_user_may_not_read_is_not_empty(self):
        self.depot.scratch.chmod(0o711)
        for directory in (self.depot.public, self.depot.public / 'generations', self.depot.path / 'releases'):
            directory.chmod(0o755)
        self.assertEqual(self.as_nobody('list').status, 0)
        for directory in (self.depot.public, self.depot.public / 'generations', self.depot.path):
            with self.subTest(directory.name):
                mode = directory.stat().st_mode
                directory.chmod(0o700)
                refused = self.as_nobody('list')
                directory.chmod(mode)
                self.assertEqual(refused.status, 1, refused)
                self.assertIn('Permission denied', refused.err)
                self.assertEqual(refused.out, '')


if __name__ == '__main__':
    unittest.main()
