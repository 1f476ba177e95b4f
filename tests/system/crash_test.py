# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every step of promote and admit: the next command finds a whole depot, and asking again
leads to where an undisturbed run leads."""

import hashlib
import re
import unittest

import agents
import program
import samples
import strace
from depot import Depot

# What bears a date, a number or a signature differs between two runs that do the same.
DATED = re.compile(r'(^|/)(InRelease|Release|Release\.gpg|repomd\.xml|repomd\.xml\.asc|mirrorlist|'
                   r'state\.json|[0-9a-f]+-updateinfo\.xml.*)$')


def published(depot):
    """{path below public/: digest} through the stable names, as clients see it."""
    found = {}
    for stage in ('unverified', 'stage-rollout', 'production', 'deprecated'):
        for path in walk(depot.public / stage):
            name = str(path.relative_to(depot.public))
            found[name] = '' if DATED.search(name) else hashlib.sha256(path.read_bytes()).hexdigest()
    return {name: digest for name, digest in found.items() if 'updateinfo' not in name}


def walk(directory):
    """Files below `directory`, through symbolic links."""
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if path.is_dir():
            yield from walk(path)
        elif path.exists():  # the links of a release's own repository outlive it until gc
            yield path


class Sweep(unittest.TestCase):
    def setUp(self):
        self.depot = self.enterContext(Depot())
        self.saved = self.depot.scratch / 'saved'

    def save(self):
        program.must('cp', '-a', self.depot.path, self.saved)

    def restore(self):
        agents.end_below(self.depot.path)
        program.must('rm', '-rf', self.depot.path)
        program.must('cp', '-a', self.saved, self.depot.path)

    def sweep(self, verb, *arguments):
        """Kills `verb` at each step, and checks what the next user finds."""
        depot, command = self.depot, self.depot.command(verb, *arguments)
        self.save()
        steps = strace.counts(command)
        after, tree = depot.standing(), published(depot)
        self.assertGreater(sum(steps.values()), 10, steps)
        killed = 0
        for call, most in sorted(steps.items()):
            for number in steps_of(most):
                with self.subTest(verb=verb, call=call, number=number):
                    self.restore()
                    before = depot.standing()
                    hit = strace.killed_at(command, call, number)
                    killed += hit.status != 0
                    depot.must('status')
                    depot.must('verify')
                    self.assertIn(depot.standing(), (before, after), hit)
                    self.assertEqual(depot.leftovers(), [])
                    again = depot.run(verb, *arguments)
                    # Refused only because the killed run had already committed.
                    self.assertIn(again.status, (0, 3) if depot.standing() == after else (0,), again)
                    self.assertEqual(depot.standing(), after)
                    self.assertEqual(published(depot), tree)
                    depot.must('verify')
        self.assertGreater(killed, 10)

    def test_promote_can_be_killed_at_every_step(self):
        depot = self.depot
        depot.publish(samples.small('beacon'))
        release = depot.publish(samples.small('buoy'), 'stage-rollout')
        self.sweep('promote', release, '--to', 'production')

    def test_admit_can_be_killed_at_every_step(self):
        self.depot.publish(samples.small('beacon'))
        self.sweep('admit', samples.bundle_of(samples.small('buoy')))


def steps_of(most):
    """Every one of the first twelve; of long rows, which repeat one thing, every fifth after them."""
    return [n for n in range(1, most + 1) if n <= 12 or n % 5 == 0]


if __name__ == '__main__':
    unittest.main()
