# SPDX-License-Identifier: GPL-3.0-or-later
"""curl with `sluice serve`: what was cut off goes on, what is there is not sent again, connections are kept."""

import os
import pathlib
import tempfile
import unittest

import program
from depot import Depot
from server import SluiceServe

SIZE = 300_000


class Resume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = Depot(key_type='ed25519')
        cls.addClassCleanup(cls.depot.close)
        cls.bytes = os.urandom(SIZE)
        (cls.depot.public / 'lantern.rpm').write_bytes(cls.bytes)
        cls.url = cls.depot.url + '/lantern.rpm'
        server = SluiceServe(cls.depot)
        server.__enter__()
        cls.addClassCleanup(server.__exit__)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='sluice-resume-')
        self.addCleanup(scratch.cleanup)
        self.file = pathlib.Path(scratch.name, 'lantern.rpm')

    def curl(self, *options, tell='%{http_code} %{size_download} %{num_connects}'):
        return program.must('curl', '--noproxy', '*', '-sS', '-w', tell, '-o', self.file, *options, self.url).out

    def test_what_was_cut_off_goes_on(self):
        self.file.write_bytes(self.bytes[:100_000])
        self.assertEqual(self.curl('-C', '-'), '206 200000 1')
        self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_what_is_complete_stays(self):
        self.file.write_bytes(self.bytes)
        self.assertEqual(self.curl('-C', '-', tell='%{http_code}'), '416')
        self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_what_the_client_has_is_not_sent(self):
        self.curl('-R')
        self.assertEqual(self.curl('-z', self.file, tell='%{http_code} %{size_download}'), '304 0')

    def test_a_head_has_the_length(self):
        text = self.curl('-I', '-D', '-', tell='')
        self.assertRegex(text, f'(?m)^Content-Length: {SIZE}\r?$')
        self.assertRegex(text, '(?m)^Accept-Ranges: bytes\r?$')

    def test_a_connection_is_kept(self):
        told = self.curl('-o', self.file, self.url, '-o', self.file, self.url)
        self.assertEqual(told.count('200'), 3, told)
        self.assertEqual(sum(int(part[-1]) for part in told.split('200 ')[1:] if part.strip()), 1, told)

    def test_several_ranges_come_in_one_answer(self):
        self.curl('-r', '0-9,200-299')
        body = self.file.read_bytes()
        self.assertIn(self.bytes[:10], body)
        self.assertIn(self.bytes[200:300], body)
        self.assertLess(len(body), 600)


if __name__ == '__main__':
    unittest.main()
