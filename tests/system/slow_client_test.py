# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that take their time: what they began with stays for the grace times, though releases move and gc
collects; afterwards they fail in so many words, and a refresh makes all well again."""

import contextlib
import hashlib
import re
import unittest

import clock
import machine
import program
import reader
import samples
import server
from depot import Depot

FIRST = samples.LANTERN
SECOND = FIRST.at('1.7.4')
BEGIN = -20 * 24  # hours from now: nothing may be of the future


def at(hours):
    """For what happens so long after the beginning."""
    return clock.at(f'{BEGIN + hours}h')


def begun(depot):
    """What whoever has read repomd.xml or InRelease asks for next: [(URL, SHA-256)]."""
    yum = depot.url + '/production/umd5/el9/x86_64'
    pinned = reader.fetch(f'{yum}/mirrorlist').decode().strip().rstrip('/')
    found = []
    for base in (yum, pinned):
        repomd = reader.fetch(f'{base}/repodata/repomd.xml').decode()
        for data in re.findall(r'<data .*?</data>', repomd, re.DOTALL):
            digest = re.search(r'<checksum type="sha256">(\w+)<', data)[1]
            name = re.search('href="([^"]+)"', data)[1]
            found.append((f'{base}/{name}', digest))
    suite = f'{depot.url}/production/umd5/debian12/dists/umd5'
    release = reader.fetch(f'{suite}/InRelease').decode()
    for digest, name in re.findall(r'^ ([0-9a-f]{64}) +\d+ (main/binary-amd64/Packages\.gz)$', release,
                                   re.MULTILINE):
        found.append((f'{suite}/{name.rsplit("/", 1)[0]}/by-hash/SHA256/{digest}', digest))
    return found


class SlowClients(unittest.TestCase):
    def test_what_was_begun_can_be_finished_within_the_grace_times(self):
        with contextlib.ExitStack() as stack:
            with at(0):
                depot = stack.enter_context(Depot(key_type='ed25519'))
                settings = depot.path / 'sluice.toml'
                settings.write_text(settings.read_text().replace('valid_days = 14', 'valid_days = 90'))
                depot.must('refresh')
                first = depot.publish(FIRST)
            stack.enter_context(server.Nginx(depot))
            slow = {label: [stack.enter_context(make()) for _ in range(2)] for label, make in {
                'dnf, mirror list': lambda: machine.dnf(depot),
                'dnf, base URL': lambda: machine.dnf(depot, mirrors=False),
                'zypper': lambda: machine.zypper(depot),
                'apt': lambda: machine.apt(depot)}.items()}
            for clients in slow.values():
                for client in clients:
                    self.assertEqual(client.refresh().status, 0)
            files = begun(depot)
            self.assertGreater(len(files), 7)

            with at(1):
                depot.must('deprecate', first, '--reason', 'superseded')
                depot.publish(SECOND)
            with at(71):
                depot.must('gc')
            for url, digest in files:
                with self.subTest(url=url):
                    self.assertEqual(hashlib.sha256(reader.fetch(url)).hexdigest(), digest)
            for label, (client, _) in slow.items():
                with self.subTest(client=label):
                    client.install_as_known('lantern-server')
                    self.assertEqual(client.installed()['lantern-server'], '1.7.3')

            with at(200):
                depot.must('gc')
            for label, (_, client) in slow.items():
                with self.subTest('too late', client=label):
                    with self.assertRaises(program.Failed):
                        client.install_as_known('lantern-server')
                    client.install('lantern-server')
                    self.assertEqual(client.installed()['lantern-server'], '1.7.4')
            depot.must('verify')


if __name__ == '__main__':
    unittest.main()
