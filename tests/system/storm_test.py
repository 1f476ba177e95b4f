# SPDX-License-Identifier: GPL-3.0-or-later
"""80 promotions in a row (1,000 in the long form), while clients refresh without pause and a reader polls
two repositories, and gc runs between.

A release of 36 packages over three platforms and both formats goes to production and back, again and
again, beside one that stays. Whoever looks must see all of it or nothing of it, on every platform.
"""

import collections
import contextlib
import os
import threading
import unittest

import machine
import reader
import samples
import server
from depot import Depot

PROMOTIONS = 1000 if os.environ.get('SLUICE_LONG') else 80
STAYS = samples.small('beacon', platforms=('el9 x86_64', 'debian12 amd64'))
MOVES = samples.OBSERVATORY
PARTS = frozenset(p.name for p in MOVES.packages if p.kind != 'source')
SEEN_WITHOUT, SEEN_WITH = frozenset({'beacon'}), PARTS | {'beacon'}


class Watchers:
    """Threads that look until told to stop, and note what went wrong."""

    def __init__(self):
        self.stop = threading.Event()
        self.faults = []
        self.looks = collections.Counter()
        self.threads = []

    def start(self, label, look):
        def work():
            # A thread's priority is that of what it starts. Promotions go first, or the run takes long.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
            while not self.stop.is_set():
                try:
                    fault = look()
                except Exception as error:  # pylint: disable=broad-except  # a thread: note, go on
                    fault = repr(error)
                self.looks[label] += 1
                if fault:
                    self.faults.append(f'{label}: {fault}')
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def refreshes(client):
    """One refresh; what the client then offers must be a whole state."""
    def look():
        offered = {name for name, _ in client.offered(*SEEN_WITH)}
        return '' if offered in (SEEN_WITHOUT, SEEN_WITH) else f'offers {sorted(offered)}'
    return look


def polls(depot, seen):
    """Reads yum, apt, yum. If both yum answers are one, the apt answer between them belongs to it."""
    yum_url = f'{depot.url}/production/umd5/el9/x86_64'
    apt_url = f'{depot.url}/production/umd5/debian12'

    def look():
        before, yum_names = reader.yum(yum_url)
        _, apt_names = reader.apt(apt_url, 'umd5')
        after, _ = reader.yum(yum_url)
        if before != after:
            return ''
        seen[yum_names] += 1
        if yum_names not in (SEEN_WITHOUT, SEEN_WITH):
            return f'el9 lists {sorted(yum_names)}'
        return '' if yum_names == apt_names else f'el9 and debian12 differ: {sorted(yum_names ^ apt_names)}'
    return look


class Storm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.watchers, cls.seen = Watchers(), collections.Counter()
        with contextlib.ExitStack() as stack:
            depot = stack.enter_context(Depot(key_type='ed25519'))
            depot.publish(STAYS)
            release = depot.publish(MOVES, 'stage-rollout')
            home = depot.generation()
            stack.enter_context(server.Nginx(depot))
            clients = [stack.enter_context(make(depot))
                       for make in (machine.dnf, machine.apt) for _ in range(4)]
            # Before the clients' directories go, their threads end: what is entered last is left first.
            stack.callback(cls.watchers.end)
            for number, client in enumerate(clients):
                cls.watchers.start(f'{client.name} {number}', refreshes(client))
            cls.watchers.start('reader', polls(depot, cls.seen))
            for number in range(PROMOTIONS):
                depot.promote(release, 'production')
                depot.must('rollback', '--to', home)
                if number % 50 == 25:
                    depot.must('gc')
            cls.watchers.end()
            cls.verified = depot.run('verify')

    def test_a_release_of_36_packages_is_seen_whole_on_both_platforms_or_not_at_all(self):
        faults = [fault for fault in self.watchers.faults if fault.startswith('reader')]
        self.assertEqual(faults, [])
        # Not by chance: it was there and it was away many times.
        self.assertGreater(self.seen[SEEN_WITH], 10)
        self.assertGreater(self.seen[SEEN_WITHOUT], 10)

    def test_no_refresh_of_4_dnf_and_4_apt_clients_fails(self):
        faults = [fault for fault in self.watchers.faults if not fault.startswith('reader')]
        self.assertEqual(faults, [])
        for label, count in self.watchers.looks.items():
            self.assertGreater(count, 5, label)

    def test_the_depot_is_whole_afterwards(self):
        self.assertEqual(self.verified.status, 0, self.verified)


if __name__ == '__main__':
    unittest.main()
