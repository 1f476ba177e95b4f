# SPDX-License-Identifier: GPL-3.0-or-later
"""`sluice verify` names each deviation by its path."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import samples
from depot import Depot


def flip(path, offset=-1):
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode)


class Verify(unittest.TestCase):
    """Each test damages a depot of its own in one way."""

    def setUp(self):
        self.depot = self.enterContext(Depot(key_type='ed25519'))
        self.depot.publish(samples.small('beacon'))
        self.depot.must('verify')

    def finds(self, name):
        """Not whole, and what is wrong is called by `name`."""
        result = self.depot.run('verify', '--json')
        self.assertEqual(result.status, 1, result)
        report = json.loads(result.out)
        self.assertTrue(report['problems'], result)
        self.assertIn(name, json.dumps(report['problems']), result)

    def one(self, pattern, *, below='public'):
        return next(p for p in sorted((self.depot.path / below).rglob(pattern)) if p.is_file())

    def test_a_flipped_bit_in_the_pool(self):
        package = self.one('*.rpm', below='pool')
        flip(package)
        self.finds(package.name)

    def test_what_is_not_what_was_admitted_is_never_signed(self):
        package = self.one('*.rpm', below='pool')
        flip(package, package.read_bytes().rindex(b'Made for tests.'))
        shutil.rmtree(self.depot.path / 'fragments')
        generation = self.depot.generation()
        result = self.depot.run('refresh')
        self.assertEqual(result.status, 1, result)
        self.assertIn(package.name, result.err)
        self.assertEqual(self.depot.generation(), generation)

    def test_a_flipped_bit_in_an_index(self):
        generation = self.depot.public / 'current' / 'production/umd5/el9/x86_64/repodata'
        index = next(generation.glob('*primary*'))
        flip(index)
        self.finds(index.name)

    def test_a_flipped_bit_in_a_signature(self):
        signature = (self.depot.public / 'current' / 'production/umd5/debian12/dists/umd5/Release.gpg')
        flip(signature, len(signature.read_bytes()) // 2)
        self.finds('Release')

    def test_a_missing_package_in_a_stage(self):
        package = self.one('*.deb')
        package.unlink()
        self.finds(package.name)

    def test_a_missing_pool_file(self):
        package = self.one('*.deb', below='pool')
        package.unlink()
        self.finds(package.name)

    def test_a_stray_file_in_the_public_tree(self):
        (self.depot.public / 'production/umd5/el9/x86_64/stray.txt').write_text('hello')
        self.finds('stray.txt')

    def test_a_stray_file_in_the_pool(self):
        (self.depot.path / 'pool/stray').write_text('hello')
        self.finds('stray')

    def test_a_package_replaced_by_a_file_of_its_own(self):
        package = self.one('*.rpm')
        data = bytearray(package.read_bytes())
        data[-1] ^= 1
        package.unlink()
        package.write_bytes(data)
        self.finds(package.name)

    def test_a_changed_line_of_the_ledger(self):
        ledger = self.depot.path / 'ledger.jsonl'
        lines = ledger.read_text().splitlines(keepends=True)
        changed = lines[1].replace('"verb"', '"Verb"') if '"verb"' in lines[1] else lines[1] + '\n'
        lines[1] = changed
        ledger.write_text(''.join(lines))
        self.finds('ledger')

    def test_a_link_that_points_elsewhere(self):
        link = self.depot.public / 'production/umd5/el9/x86_64/repodata/repomd.xml'
        link.unlink()
        os.symlink('/etc', link)
        self.finds('repomd.xml')

    def test_a_copy_that_followed_links_is_mended_by_a_refresh(self):
        """Also what is of another kind than it should be, in between."""
        public, copy = self.depot.public, self.depot.path / 'copy'
        generation = os.readlink(public / 'current')
        # It leaves out, and says so, what leads nowhere and waits for gc.
        subprocess.run(['cp', '-rL', public, copy], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(public)
        copy.rename(public)
        told = self.depot.run('verify')
        self.assertEqual(told.status, 1, told)
        self.assertIn('cp -a', told.out + told.err)
        shutil.rmtree(public / 'current')
        (public / 'current').symlink_to(generation)
        by_hash = pathlib.Path('production/umd5/debian12/dists/umd5/main/binary-amd64/by-hash')
        made = self.depot.public / by_hash

        def is_a_file():
            shutil.rmtree(made)
            made.write_text('hello')

        def is_a_link():
            shutil.rmtree(made)
            made.symlink_to(pathlib.Path(*['..'] * (len(by_hash.parts) - 1), 'current', by_hash))

        for damage in (lambda: None, is_a_file, is_a_link):
            damage()
            self.depot.must('refresh')
            self.depot.must('verify')


if __name__ == '__main__':
    unittest.main()
