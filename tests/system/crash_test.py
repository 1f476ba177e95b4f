# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every step of promote and admit: the next command finds a whole depot, and asking again
leads to where an undisturbed run leads."""

import concurrent.futures
import hashlib
import os
import queue
import re
import unittest

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


def restore(saved, depot):
    """All but the key: its agent goes on running, because strace waits for whatever it sees start."""
    for path in depot.path.iterdir():
        if path.name != 'gnupg':
            program.must('rm', '-rf', path)
    program.must('cp', '-a', *(path for path in saved.path.iterdir() if path.name != 'gnupg'), depot.path)


class Sweep(unittest.TestCase):
    """The steps of a command are tried side by side, each worker in a copy of the depot."""

    def setUp(self):
        self.depot = self.enterContext(Depot())

    def sweep(self, *words):
        """Kills the command at each step, and checks what the next user finds."""
        saved = self.enterContext(self.depot.clone())
        steps = [(call, number)
                 for call, most in sorted(strace.counts(self.depot.command(*words)).items())
                 for number in steps_of(most)]
        self.assertGreater(len(steps), 20, steps)
        self.after, self.tree = self.depot.standing(), published(self.depot)
        idle = queue.SimpleQueue()
        for _ in range(os.cpu_count()):
            idle.put(self.enterContext(saved.clone()))

        def attempt(step):
            depot = idle.get()
            try:
                return self.attempt(saved, depot, words, *step)
            except AssertionError as fault:
                return f'killed at {step}: {fault}'
            finally:
                idle.put(depot)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            outcomes = list(workers.map(attempt, steps))
        self.assertEqual([outcome for outcome in outcomes if outcome not in ('killed', 'done')], [])
        # Most steps are on the way of the command itself; others are those of a thread that had less to do.
        self.assertGreater(outcomes.count('killed'), len(steps) / 2)

    def attempt(self, saved, depot, words, call, number):
        restore(saved, depot)
        before = depot.standing()
        killed = strace.killed_at(depot.command(*words), call, number)
        depot.must('verify')
        now = depot.standing()
        self.assertIn(now, (before, self.after), killed)
        self.assertEqual(depot.leftovers(), [], killed)
        again = depot.run(*words)
        # Refused only because the killed run had committed already.
        self.assertIn(again.status, (0, 3) if now == self.after else (0,), again)
        self.assertEqual(depot.standing(), self.after)
        self.assertEqual(published(depot), self.tree)
        depot.must('verify')
        return 'killed' if killed.status != 0 else 'done'

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
