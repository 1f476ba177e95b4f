# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command says arrives or is missed: a full disk, a closed output, a disk that does not confirm."""

import json
import unittest

import program
import samples
from depot import Depot

FULL, CLOSED = '>/dev/full', '>&-'


def to(output, *command):
    """Runs the command with its standard output there."""
    return program.run('sh', '-c', f'exec "$@" {output}', 'sh', *command)


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.depot.publish(samples.small('beacon'))
        cls.waiting = cls.depot.admit(samples.small('buoy'))

    def test_that_is_lost_is_an_error(self):
        bundle = samples.bundle_of(samples.small('pier'))
        for words in (('list',), ('show', self.waiting), ('history',), ('status',), ('verify',), ('check', bundle),
                      ('client', 'production', '--platform', 'el9'), ('gc', '--dry-run'), ('serve', '--help'),
                      ('serve', '--listen', '127.0.0.1:0'), ('refresh', '--dry-run'), ('admit', bundle, '--dry-run')):
            for output in (FULL, CLOSED) if words[0] == 'list' else (FULL,):
                with self.subTest(words[0], output=output):
                    lost = to(output, *self.depot.command(*words))
                    self.assertEqual(lost.status, 1, lost)
                    self.assertIn('cannot write to standard output', lost.err)
        self.assertEqual(to(FULL, program.SLUICE, '--version').status, 1)

    def test_that_is_lost_after_the_operation_is_told_apart(self):
        for words in (('promote', self.waiting, '--to', 'stage-rollout'),
                      ('promote', self.waiting, '--to', 'production', '--json'), ('refresh', '--json'),
                      ('admit', samples.bundle_of(samples.small('groyne')))):
            for output in (FULL, CLOSED) if words[0] == 'refresh' else (FULL,):
                with self.subTest(words[0], output=output):
                    before = self.depot.generation()
                    lost = to(output, *self.depot.command(*words))
                    self.assertEqual(lost.status, 4, lost)
                    self.assertIn(f'operation {before + 1} is done, but now: cannot write', lost.err)
                    self.assertEqual(self.depot.generation(), before + 1)
        self.depot.must('verify')
        self.assertEqual(to(FULL, *self.depot.command('gc')).status, 4)
        made = self.depot.scratch / 'second'
        lost = to(FULL, program.SLUICE, 'init', made, '--key', self.depot.json('status')['key'])
        self.assertEqual(lost.status, 1, lost)  # the key is not in the user's own home
        self.assertFalse(made.exists())

    def test_of_a_refusal_does_not_change_the_refusal(self):
        for words in (('promote', 'no-such-release', '--to', 'production', '--json'), ('show', 'no-such-release')):
            self.assertEqual(to(FULL, *self.depot.command(*words)).status, 3)

    def test_to_a_full_standard_error_changes_nothing(self):
        for words, status in ((('promote', 'no-such-release', '--to', 'production'), 3), (('refresh',), 0)):
            self.assertEqual(to('2>/dev/full', *self.depot.command(*words)).status, status)

    def test_says_what_the_disk_has_not_confirmed(self):
        before = self.depot.generation()
        done = program.run('strace', '-f', '-qq', '-o', '/dev/null', '-P', self.depot.public, '-e', 'trace=fsync',
                           '-e', 'inject=fsync:error=EIO', *self.depot.command('refresh', '--json'))
        self.assertEqual(done.status, 4, done)
        self.assertIn('the disk has not confirmed it', done.err)
        answer = json.loads(done.out)
        self.assertEqual((answer['error'], answer['done'], answer['operation']), ('unconfirmed', True, before + 1))
        self.assertEqual(self.depot.json('history')['operations'][-1]['operation'], before + 1)


if __name__ == '__main__':
    unittest.main()
