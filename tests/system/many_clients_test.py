# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand clients that send nothing, little, or without end, and do not read what they asked for: `serve` serves
others, and the bridge answers monitoring within a second."""

import hashlib
import hmac
import http.client
import os
import socket
import subprocess
import time
import unittest

import crowd
import program
from depot import Depot, free_port
from server import SluiceServe

SECRET = 'a secret for two, of many letters'
BRIDGE = '''
[bridge]
url = "http://127.0.0.1:1/"
token_file = "token"
listen = "127.0.0.1:{port}"
secret_file = "secret"
'''
SECONDS = 4  # of an attack
ROUNDS = (1, 200)  # addresses that it comes from
MOST = 100  # megabytes
SLOWNESS = float(os.environ.get('SLUICE_SLOWNESS', '1'))


def ask(port, path, method='GET', body=None, headers=None, timeout=10):
    """Status, body, and how long it took, connection and all."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), time.monotonic() - begun
    finally:
        connection.close()


class Attacked(unittest.TestCase):
    """`process` listens on `port`."""

    def attack(self, probe, **more):
        """Probes ten times a second; what the slowest took, in seconds, and the most memory, in megabytes."""
        slowest = most = 0
        with crowd.Crowd(self.port, **more) as clients:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                slowest = max(slowest, probe())
                most = max(most, crowd.resident(self.process))
                time.sleep(0.1)
            self.assertGreater(clients.thrown_out, 0)
        print(f'{self.id()} {more.get("addresses")}: {slowest * 1000:.0f} ms, {most:.0f} MB')
        self.assertLess(most, MOST)
        return slowest


class Bridge(Attacked):
    @classmethod
    def setUpClass(cls):
        cls.depot = Depot(key_type='ed25519')
        cls.addClassCleanup(cls.depot.close)
        for name, text in (('token', '1-30-0123456789abcdef0123456789abcdef'), ('secret', SECRET)):
            file = cls.depot.path / name
            file.touch(mode=0o600)
            file.write_text(text + '\n')
        cls.port = free_port()
        with (cls.depot.path / 'sluice.toml').open('a') as settings:
            settings.write(BRIDGE.format(port=cls.port))

    def setUp(self):
        self.process = subprocess.Popen(self.depot.command('bridge'), stderr=subprocess.PIPE, text=True,
                                        env=program.environment())
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.terminate)
        for line in self.process.stderr:
            if 'listening on' in line:
                return
        self.fail('it does not listen')

    def health(self):
        status, body, seconds = ask(self.port, '/healthz')
        self.assertIn(status, (200, 503))
        self.assertIn(b'RT', body)
        return seconds

    def hook(self):
        now = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f'{now}.{{}}'.encode(), hashlib.sha256).hexdigest()
        return ask(self.port, '/hook', 'POST', '{}', {'X-Sluice-Timestamp': now,
                                                      'X-Sluice-Signature': 'sha256=' + signature})

    def probe(self):
        self.assertEqual(self.hook()[0], 200)
        self.assertIn(b'sluice_bridge', ask(self.port, '/metrics')[1])
        return self.health()

    def test_monitoring_is_answered_within_a_second(self):
        for addresses in ROUNDS:
            with self.subTest(addresses=addresses):
                self.assertLess(self.attack(self.probe, addresses=addresses), SLOWNESS)

    def test_it_ends_in_good_order_while_it_is_attacked(self):
        with crowd.Crowd(self.port, addresses=50):
            time.sleep(1)
            self.process.terminate()
            self.assertEqual(self.process.wait(5), 0)

    def test_a_request_has_to_be_whole_in_ten_seconds(self):
        with socket.create_connection(('127.0.0.1', self.port)) as connection:
            begun = time.monotonic()
            connection.sendall(b'POST /hook HTTP/1.1\r\nHost: x\r\nX-Y: ')
            connection.settimeout(0.5)
            while time.monotonic() < begun + 20:
                try:
                    connection.sendall(b'a')
                    if connection.recv(1) == b'':
                        break
                except TimeoutError:
                    pass
                except ConnectionError:
                    break
            self.assertTrue(8 < time.monotonic() - begun < 13, time.monotonic() - begun)
        self.assertEqual([line for line in self.rest_of_log() if 'X-Y' in line], [])

    def rest_of_log(self):
        self.process.terminate()
        return self.process.stderr.readlines()


class Serve(Attacked):
    @classmethod
    def setUpClass(cls):
        cls.depot = Depot(key_type='ed25519')
        cls.addClassCleanup(cls.depot.close)
        cls.port = cls.depot.port
        cls.small = os.urandom(20_000)
        cls.large = os.urandom(3_000_000)
        (cls.depot.public / 'small.rpm').write_bytes(cls.small)
        (cls.depot.public / 'large.rpm').write_bytes(cls.large)
        wide = cls.depot.public / 'wide'
        wide.mkdir()
        for number in range(5000):
            (wide / f'{number}-{"x" * 200}').touch()

    def setUp(self):
        server = SluiceServe(self.depot)
        server.__enter__()
        self.addCleanup(server.__exit__)
        self.process = server.process

    def probe(self):
        status, body, seconds = ask(self.port, '/small.rpm')
        self.assertEqual(status, 200)
        self.assertEqual(body, self.small)
        return seconds

    def test_others_are_served(self):
        for addresses, path in ((1, '/large.rpm'), (200, '/large.rpm'), (200, '/wide/')):
            with self.subTest(addresses=addresses, path=path):
                self.assertLess(self.attack(self.probe, addresses=addresses, path=path), 5 * SLOWNESS)

    def test_a_reader_that_is_slow_and_steady_gets_all(self):
        with crowd.Crowd(self.port, addresses=200, path='/large.rpm'), \
                socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            reader.settimeout(10)
            reader.connect(('127.0.0.1', self.port))
            reader.sendall(b'GET /large.rpm HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            got = bytearray()
            while block := reader.recv(15_000):
                got += block
                time.sleep(0.04)
        self.assertEqual(bytes(got).partition(b'\r\n\r\n')[2], self.large)


if __name__ == '__main__':
    unittest.main()
