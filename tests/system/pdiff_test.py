# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real apt fetches to follow a stage of some hundred packages: patches, where it has a state that they
lead on from, and the whole index where not."""

import contextlib
import gzip
import re
import unittest

import machine
import program
import samples
import server
from depot import Depot, free_port

PLATFORM = ('debian12 amd64',)
SUITE = 'production/umd5/debian12/dists/umd5'
INDEX = f'{SUITE}/main/binary-amd64'
BASE = samples.spec.parse('product base 1.0.0\nplatform debian12 amd64\n' + ''.join(
    f'package base-{number:03} 1.0.0-1\n  file /usr/share/base/{number} {number}\n'
    for number in range(300)))


def small(number):
    """Products whose packages stand at different places of the index."""
    return samples.small(f'{"azbykx"[number % 6]}mall{number:02}', platforms=PLATFORM)


class Fetches:
    """What clients asked nginx for, since it was last asked."""

    def __init__(self, nginx):
        self._log = nginx.scratch / 'access.log'
        self._seen = 0

    def new(self):
        """[(name below the index or suite, answer, bytes)]"""
        text = self._log.read_text()[self._seen:]
        self._seen += len(text)
        found = re.findall(r'"GET /(\S+) HTTP/1.1" (\d+) (\d+)', text)
        return [(path.removeprefix(INDEX + '/').removeprefix(SUITE + '/'), int(code), int(size))
                for path, code, size in found]


class Site(contextlib.ExitStack):
    """A depot of one's own behind nginx, and its clients."""

    def __init__(self, depot):
        super().__init__()
        self.depot = depot
        self.fetches = None
        self.callback(depot.close)

    def open(self):
        self._move_to(free_port())  # the template's may be someone else's by now
        self.fetches = Fetches(self.enter_context(server.Nginx(self.depot)))

    def _move_to(self, port):
        depot = self.depot
        configuration = depot.path / 'sluice.toml'
        configuration.write_text(configuration.read_text().replace(f':{depot.port}', f':{port}'))
        depot.port, depot.url = port, f'http://127.0.0.1:{port}'
        depot.must('refresh')

    def client(self, stage='production'):
        client = self.enter_context(machine.apt(self.depot, stage))
        self.follow(client)
        return client

    def follow(self, client):
        """Refreshes; returns the names of what was fetched and how many bytes that was."""
        self.fetches.new()
        result = client.refresh()
        if result.status != 0:
            raise AssertionError(result)
        fetched = self.fetches.new()
        bad = [fetch for fetch in fetched if fetch[1] not in (200, 304)]
        if bad:
            raise AssertionError(bad)
        return [name for name, *_ in fetched], sum(size for *_, size in fetched)

    def index(self, stage='production'):
        """The directory of the index that is published now."""
        return self.depot.public / INDEX.replace('production', stage)

    def patches(self, stage='production'):
        """The names of the patches that are offered, the oldest first."""
        file = self.index(stage) / 'Packages.diff/Index'
        if not file.exists():
            return []
        history, = re.findall(r'^SHA256-History:\n((?: .*\n)*)', file.read_text(), re.MULTILINE)
        return [line.split()[2] for line in history.splitlines()]


class Patches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = Depot()
        cls.template.publish(BASE)
        cls.releases = [cls.template.admit(small(number)) for number in range(27)]
        cls.template.must('promote', *cls.releases, '--to', 'stage-rollout')

    @classmethod
    def tearDownClass(cls):
        cls.template.close()

    def setUp(self):
        self.site = Site(self.template.clone())
        self.addCleanup(self.site.close)
        self.site.open()
        self.depot = self.site.depot

    def promote(self, number):
        self.depot.promote(self.releases[number], 'production')

    def up_to_date(self, client):
        """The client has the very index that is published, as a new one would."""
        # How apt compresses what it keeps is the machine's choice.
        kept = [path for path in (client.scratch / 'state/lists').glob('*_binary-amd64_Packages*')
                if not path.name.endswith('.diff_Index')]
        self.assertEqual(len(kept), 1, kept)
        text = program.must('/usr/lib/apt/apt-helper', 'cat-file', *kept).out
        self.assertEqual(text, gzip.decompress((self.site.index() / 'Packages.gz').read_bytes()).decode())

    def patched(self, client, patches):
        """The client follows by these patches alone."""
        fetched, size = self.site.follow(client)
        self.assertEqual(fetched[0], 'InRelease')
        self.assertRegex(fetched[1], r'^Packages\.diff/by-hash/SHA256/[0-9a-f]{64}$')
        self.assertEqual(sorted(fetched[2:]), [f'Packages.diff/{name}.gz' for name in patches])
        self.up_to_date(client)
        return size

    def whole(self, client):
        """The client fetches the whole index, after whatever else."""
        fetched, _ = self.site.follow(client)
        self.assertRegex(fetched[-1], r'^by-hash/SHA256/[0-9a-f]{64}$')
        self.up_to_date(client)
        return fetched[1:-1]

    def test_a_client_with_the_last_state_fetches_one_patch(self):
        client = self.site.client()
        self.promote(0)
        self.assertLess(self.patched(client, self.site.patches()), 10_000)
        self.assertEqual(len(self.site.patches()), 1)
        self.promote(1)
        self.patched(client, self.site.patches()[-1:])
        offered = client.offered('amall00', 'zmall01', 'base-000', 'base-299')
        self.assertEqual(len(offered), 4, offered)
        self.assertEqual(self.site.client().offered('amall00', 'zmall01', 'base-000', 'base-299'), offered)
        self.depot.must('verify')

    def test_a_client_some_states_behind_fetches_their_patches(self):
        clients = [self.site.client()]
        for number in range(5):
            self.promote(number)
            if number == 2:
                clients.append(self.site.client())
        self.assertEqual(len(self.site.patches()), 5)
        self.patched(clients[0], self.site.patches())
        self.patched(clients[1], self.site.patches()[3:])

    def test_packages_that_leave_are_patched_away(self):
        self.promote(0)
        self.promote(1)
        client = self.site.client()
        self.depot.must('deprecate', self.releases[0], '--reason', 'a test')
        self.patched(client, self.site.patches()[-1:])

    def test_a_client_older_than_the_patches_fetches_the_whole_index(self):
        old = self.site.client()
        self.promote(0)
        behind = self.site.client()
        for number in range(1, 25):
            self.promote(number)
        self.assertEqual(len(self.site.patches()), 24)
        self.assertEqual(len(self.whole(old)), 1)
        self.patched(behind, self.site.patches())
        self.depot.must('verify')

    def test_clients_of_every_state_follow_a_rollback(self):
        self.promote(0)
        before = self.depot.generation()
        first = self.site.client()
        self.promote(1)
        second = self.site.client()
        self.promote(2)
        third = self.site.client()
        self.depot.must('rollback', '--to', before)
        self.assertEqual(len(self.site.patches()), 2)
        self.assertEqual(self.site.follow(first)[0], ['InRelease'])
        self.up_to_date(first)
        self.patched(second, self.site.patches())
        self.promote(3)
        self.patched(first, self.site.patches()[2:])
        self.patched(second, self.site.patches()[2:])
        self.patched(third, self.site.patches()[1:])
        self.depot.must('verify')

    def test_a_patch_that_was_tampered_with_is_refused(self):
        client = self.site.client()
        self.promote(0)
        name, = self.site.patches()
        file = self.site.index() / 'Packages.diff' / f'{name}.gz'
        script = gzip.decompress(file.read_bytes()).replace(b'amall00', b'amall99')
        file.write_bytes(gzip.compress(script))
        self.assertNotEqual(self.depot.run('verify').status, 0)
        self.assertIn(f'Packages.diff/{name}.gz', self.whole(client))
        # What follows leads on from what clients have, without that patch; and so where one is missing.
        self.promote(1)
        patch, = self.site.patches()
        self.patched(client, [patch])
        for public in (self.depot.public, self.depot.public / 'current'):
            (public / INDEX / 'Packages.diff' / f'{patch}.gz').unlink()
        self.promote(2)
        patch, = self.site.patches()
        self.patched(client, [patch])
        self.sound_without(f'Packages.diff/{name}.gz')

    def sound_without(self, superseded):
        """What was tampered with is told until somebody removes it."""
        file = self.site.index() / superseded
        result = self.depot.run('verify')
        self.assertIn(f'{superseded}: its content does not have the digest', result.out)
        file.unlink()
        self.depot.must('verify')

    def test_an_index_of_patches_that_was_tampered_with_is_refused(self):
        client = self.site.client()
        self.promote(0)
        file = self.site.index() / 'Packages.diff/Index'
        by_hash, = (self.site.index() / 'Packages.diff/by-hash/SHA256').iterdir()
        file.write_text(file.read_text().replace('a', 'b'))
        self.assertNotEqual(self.depot.run('verify').status, 0)
        self.whole(client)
        self.promote(1)
        self.patched(client, self.site.patches())
        self.sound_without(f'Packages.diff/by-hash/SHA256/{by_hash.name}')

    def test_both_stages_of_a_move_have_patches(self):
        client, upstream = self.site.client(), self.site.client('stage-rollout')
        self.promote(0)
        self.patched(client, self.site.patches())
        patch, = self.site.patches('stage-rollout')
        fetched, _ = self.site.follow(upstream)
        self.assertEqual(fetched[-1].rpartition('/')[2], f'{patch}.gz')
        self.assertEqual(upstream.offered('amall00', 'zmall01'), {('zmall01', '1.0.0')})

    def test_a_refresh_leaves_the_patches_as_they_are(self):
        client = self.site.client()
        self.promote(0)
        before = self.site.patches()
        self.depot.must('refresh')
        self.assertEqual(self.site.patches(), before)
        self.patched(client, before)
        self.depot.must('verify')


if __name__ == '__main__':
    unittest.main()
