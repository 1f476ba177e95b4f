# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose packages are whose: two providers with keys of their own, RPMs and DEBs."""

import json
import unittest

import samples
from depot import Depot

PROVIDERS = """
[[provider]]
name = "lumen"
keys = ["lumen.asc"]
[[provider]]
name = "umbra"
keys = ["{fingerprint}"]
packages = ["umbra*", "beacon"]
"""


class Providers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.umbra = samples.key.Key(samples.workshop() / 'umbra', algorithm='ed25519')
        cls.addClassCleanup(cls.umbra.close)

    def setUp(self):
        self.depot = self.enterContext(Depot(key_type='ed25519'))
        (self.depot.path / 'provider-keys' / 'umbra.asc').write_bytes(self.umbra.public())

    def configure(self):
        with (self.depot.path / 'sluice.toml').open('a', encoding='utf-8') as file:
            file.write(PROVIDERS.format(fingerprint=self.umbra.fingerprint))

    def by_umbra(self, product, suffix=''):
        target = samples.workshop() / f'umbra-{len(list(samples.workshop().iterdir()))}-{product.name}{suffix}'
        return samples.bundle.build(product, target, 'E', self.umbra, False)

    def refused(self, code, *words):
        result = self.depot.run(*words, '--json')
        self.assertEqual(result.status, 3, result)
        answer = json.loads(result.out)
        self.assertEqual(answer['code'], code, answer)

    def test_a_name_stands_under_one_provider(self):
        self.configure()
        depot = self.depot
        rpm, deb = ('el9 x86_64',), ('debian12 amd64',)
        depot.admit(samples.small('beacon', platforms=rpm))
        self.assertEqual(depot.json('show', 'beacon-1.0.0')['provider'], 'lumen')
        newer = self.by_umbra(samples.small('beacon', '2.0.0', rpm))
        self.refused('package-owner', 'admit', newer)
        self.refused('provider-key', 'admit', newer, '--provider', 'lumen')
        self.refused('provider-scope', 'admit', self.by_umbra(samples.small('buoy', platforms=rpm)))
        packages = self.by_umbra(samples.small('umbrage', platforms=deb))
        self.refused('provider-missing', 'admit', packages)
        depot.must('admit', packages, '--provider', 'umbra')
        depot.must('provider', 'transfer', 'beacon', '--to', 'umbra', '--reason', 'agreed')
        depot.must('admit', newer)
        self.assertIn('beacon -> umbra', depot.must('history').out)
        names = {one['provider']: one['names'] for one in depot.json('provider', 'list')['providers']}
        self.assertEqual(names, {'lumen': [], 'umbra': ['beacon', 'umbrage']})
        depot.must('rollback')
        depot.must('verify')
        self.refused('package-owner', 'admit', samples.bundle_of(samples.small('beacon', '3.0.0', rpm)))

    def test_a_missing_key_file_stops_its_own_provider(self):
        self.configure()
        depot = self.depot
        keys = depot.path / 'provider-keys'
        (keys / 'lumen.asc').rename(depot.path / 'elsewhere.asc')
        depot.must('refresh')
        status = depot.run('status')
        self.assertEqual(status.status, 1, status)
        self.assertIn('provider-keys/lumen.asc: is missing', status.out)
        self.assertIn('provider-keys/lumen.asc: is missing', depot.run('verify').out)
        depot.must('admit', self.by_umbra(samples.small('umbrage')), '--provider', 'umbra')
        refused = depot.run('admit', samples.bundle_of(samples.small('beacon', platforms=('debian12 amd64',))),
                            '--provider', 'lumen')
        self.assertEqual(refused.status, 1, refused)
        self.assertIn('put it back', refused.err)
        (depot.path / 'elsewhere.asc').rename(keys / 'lumen.asc')
        depot.must('refresh')
        depot.must('status')
        depot.must('verify')

    def test_names_of_before_are_adopted(self):
        depot = self.depot
        depot.admit(samples.small('beacon'))
        self.assertIn('none is configured', depot.must('status').out)
        depot.must('admit', self.by_umbra(samples.small('umbrage')))
        self.configure()
        self.assertIn('2 package names are nobody', depot.must('status').out)
        before = depot.generation()
        proposal = depot.must('provider', 'adopt').out
        self.assertIn('beacon: now of lumen\n', proposal)
        self.assertIn('umbrage: now of umbra\n', proposal)
        self.assertEqual(depot.generation(), before)
        depot.must('provider', 'adopt', '--yes')
        before = depot.generation()
        for words in ((), ('--yes',)):
            self.assertIn('nothing is left to adopt', depot.must('provider', 'adopt', *words).out)
            self.assertFalse(depot.json('provider', 'adopt', *words)['done'])
        self.assertEqual(depot.generation(), before)
        listing = depot.must('provider', 'list').out
        self.assertEqual(listing, 'lumen: 1 package name\n  beacon\numbra: 1 package name\n  umbrage\n')
        depot.promote('beacon-1.0.0', 'stage-rollout')
        depot.must('verify')


if __name__ == '__main__':
    unittest.main()
