# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a package's signatures is what rpm says of them."""

import json
import pathlib
import shutil
import struct
import tempfile
import unittest

import program
import samples
from depot import Depot
from packages import key, rpm

RSA, DSA = 268, 267  # the tags of header signatures; EdDSA's is that of DSA


class Signed:
    """An RPM taken apart, so that its header signatures can be exchanged."""

    WIDTHS = {3: 2, 4: 4, 5: 8}

    def __init__(self, path):
        data = path.read_bytes()
        count, size = struct.unpack('>II', data[104:112])
        begin = 112 + 16 * count
        self.lead, self.rest = data[:96], data[begin + (size + 7) // 8 * 8:]
        self.tags = {}
        for i in range(count):
            tag, kind, offset, number = struct.unpack('>IIII', data[112 + 16 * i:128 + 16 * i])
            at = begin + offset
            end = data.index(b'\0', at) + 1 if kind == 6 else at + number * self.WIDTHS.get(kind, 1)
            if tag != 62:
                self.tags[tag] = (kind, number, data[at:end])

    def signature(self):
        return next(self.tags[tag][2] for tag in (RSA, DSA) if tag in self.tags)

    def write(self, path, signatures):
        """A copy with these header signatures, {tag: bytes}, sealed as rpm seals it."""
        tags = {tag: value for tag, value in self.tags.items() if tag not in (RSA, DSA)}
        tags.update({tag: (7, len(value), value) for tag, value in signatures.items()})
        index, data = [], b''
        for tag, (kind, number, value) in sorted(tags.items()):
            data += b'\0' * (-len(data) % self.WIDTHS.get(kind, 1))
            index.append((tag, kind, len(data), number))
            data += value
        index.insert(0, (62, 7, len(data), 16))
        data += struct.pack('>IIiI', 62, 7, -16 * len(index), 16)
        header = (b'\x8e\xad\xe8\x01\0\0\0\0' + struct.pack('>II', len(index), len(data))
                  + b''.join(struct.pack('>IIII', *entry) for entry in index) + data)
        path.write_bytes(self.lead + header + b'\0' * (-len(header) % 8) + self.rest)


def variants(known, stranger):
    """Names, and the header signatures that packages of these names get."""
    bad = known[:-1] + bytes([known[-1] ^ 1])
    zeros = bytes([0x88, 70, 4]) + b'\0' * 69  # a whole packet, of version 4
    return {
        'none': {}, 'good': {RSA: known}, 'bad': {RSA: bad}, 'unknown': {DSA: stranger},
        'good-and-unknown': {RSA: known, DSA: stranger}, 'bad-and-unknown': {RSA: bad, DSA: stranger},
        'zeros': {RSA: b'\0' * 200}, 'zero-packet': {DSA: zeros}, 'empty': {RSA: b''},
        'good-and-zeros': {RSA: known, DSA: b'\0' * 70}, 'good-and-zero-packet': {RSA: known, DSA: zeros},
        'good-twice-in-one': {RSA: known + known}, 'good-then-bad-in-one': {RSA: known + bad},
        'good-and-more': {RSA: known + b'\0\0'}, 'cut': {RSA: known[:-3]},
    }


class Signatures(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix='sluice-')))
        cls.depot = cls.enterClassContext(Depot(key_type='ed25519'))
        with (cls.depot.path / 'sluice.toml').open('a', encoding='utf-8') as file:
            file.write('\n[[line]]\nname = "open"\nsignatures = "allow-unsigned"\n')
        stranger = key.Key(cls.scratch / 'stranger', algorithm='ed25519')
        cls.addClassCleanup(stranger.close)
        cls.make_packages(stranger)
        cls.database = cls.scratch / 'rpmdb'
        public = cls.scratch / 'known.asc'
        public.write_bytes(samples.provider().public())
        program.must('rpm', '--dbpath', cls.database, '--import', public)

    @classmethod
    def make_packages(cls, stranger):
        by_known = cls.of_bundle()
        by_stranger = cls.scratch / 'by-stranger.rpm'
        shutil.copy(by_known, by_stranger)
        rpm.sign([by_stranger], stranger)
        made = variants(Signed(by_known).signature(), Signed(by_stranger).signature())
        for name, signatures in made.items():
            Signed(by_known).write(by_known.with_name(f'{name}.rpm'), signatures)
        by_known.unlink()
        cls.names = set(made)

    @classmethod
    def of_bundle(cls):
        """The RPM of a bundle that is made here."""
        sample = samples.small('beacon', platforms=('el9 x86_64',))
        cls.bundle = shutil.copytree(samples.bundle_of(sample, ''), cls.scratch / 'bundle')
        found, = cls.bundle.rglob('*.rpm')
        cls.packages = found.parent
        return found

    def accepted(self, line):
        """The packages whose signatures are accepted on a line."""
        report = json.loads(self.depot.run('check', self.bundle, '--line', line, '--json').out)
        codes = {'bad-signature', 'unknown-key', 'unsigned-package', 'package-corrupt'}
        return self.names - {pathlib.Path(problem['where']).stem for problem in report['problems']
                             if problem['code'] in codes}

    def accepted_by(self, *command):
        return {name for name in self.names
                if program.run(*command, self.packages / f'{name}.rpm').status == 0}

    def test_a_line_that_requires_them_takes_what_rpmkeys_takes(self):
        judge = self.accepted_by('rpmkeys', '--dbpath', self.database, '-D', '_pkgverify_level signature', '-K')
        self.assertEqual(judge, {'good'})
        self.assertEqual(self.accepted('umd5'), judge)

    def test_a_line_that_allows_unsigned_ones_takes_what_rpm_installs(self):
        judge = self.accepted_by('rpm', '--dbpath', self.database, '-U', '--nodeps', '--justdb', '--test')
        self.assertEqual(judge, {'none', 'good', 'unknown', 'good-and-unknown'})
        self.assertEqual(self.accepted('open'), judge)


if __name__ == '__main__':
    unittest.main()
