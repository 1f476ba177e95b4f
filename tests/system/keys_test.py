# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are not what they should be: of the depot, of providers, and what became of them since."""

import json
import os
import pathlib
import tempfile
import unittest

import agents
import program
import samples
from bundles import bundle
from depot import Depot
from packages import key


def gpg(home, *arguments, **more):
    return program.must('gpg', '--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase',
                        '', '--homedir', home, *arguments, **more)


class WithProvider(unittest.TestCase):
    """A depot that trusts a provider whose key may be spoilt."""

    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix='sluice-')))
        self.addCleanup(agents.end_below, self.scratch)
        self.depot = self.enterContext(Depot(key_type='ed25519'))
        self.keys = self.depot.path / 'provider-keys'
        self.provider = key.Key(self.scratch / 'p', 'Ada <ada@example.org>', 'ed25519')
        self.know(self.provider)

    def know(self, provider):
        (self.keys / 'ada.asc').write_bytes(provider.public())

    def bundle(self, provider):
        return bundle.build(samples.small('beacon', platforms=('el9 x86_64',)), self.scratch / 'beacon.tar.gz',
                            'E', provider)

    def refused(self, code, *command):
        result = self.depot.run(*command, '--json')
        self.assertEqual(result.status, 3, result)
        self.assertEqual(json.loads(result.out)['code'], code, result)

    def revoke(self):
        certificate = self.provider.home / 'openpgp-revocs.d' / f'{self.provider.fingerprint}.rev'
        certificate.write_text(certificate.read_text().replace(':-----BEGIN', '-----BEGIN'))
        gpg(self.provider.home, '--import', certificate)

    def test_a_release_whose_key_is_not_sound_any_more(self):
        release = self.depot.json('admit', self.bundle(self.provider))['release']
        self.assertEqual(self.depot.run('status').status, 0)
        (self.keys / 'ada.asc').unlink()
        self.depot.must('refresh')
        self.refused('unknown-key', 'promote', release, '--to', 'stage-rollout')
        self.assertEqual(self.depot.run('status').status, 1)
        self.assertIn(self.provider.fingerprint, self.depot.run('verify').out)
        self.depot.must('promote', release, '--to', 'stage-rollout', '--waive-key', self.provider.fingerprint)
        last = self.depot.json('history')['operations'][-1]
        self.assertEqual(last['waived_keys'], [self.provider.fingerprint])
        for words in (('history',), ('history', release), ('show', release)):
            self.assertRegex(self.depot.must(*words).out, rf'(?m)^\d+ .* promote .* {self.provider.fingerprint}$')
        self.assertEqual(self.depot.run('status').status, 0)
        self.depot.must('verify')
        self.revoke()
        self.know(self.provider)
        self.refused('key-revoked', 'promote', release, '--to', 'production')
        self.depot.must('refresh')
        self.assertIn('key-revoked', self.depot.must('rollback').out)

    def test_what_is_no_public_key_is_never_published(self):
        secret = program.must('gpg', '--homedir', self.provider.home, '--batch', '--pinentry-mode', 'loopback',
                              '--passphrase', '', '--armor', '--export-secret-keys').out
        bad = self.keys / 'bad.asc'
        for make in (lambda: bad.write_text(secret), lambda: bad.symlink_to('/etc/shadow'),
                     lambda: os.mkfifo(bad), lambda: bad.write_text('garbage')):
            make()
            result = self.depot.run('refresh', timeout=20)
            self.assertEqual(result.status, 1, result)
            self.assertIn('bad.asc', result.err)
            self.assertFalse((self.depot.public / 'keys/provider-bad.asc').exists())
            self.assertEqual(self.depot.run('status').status, 1)
            bad.unlink()
        bad.write_bytes(b'A note before it\n' + samples.provider().public())
        report = json.loads(self.depot.run('verify', '--json').out)
        self.assertEqual([problem['path'] for problem in report['problems']], ['provider-keys'], report)
        self.depot.must('refresh')
        published = (self.depot.public / 'keys/provider-bad.asc').read_text()
        self.assertTrue(published.startswith('-----BEGIN PGP PUBLIC KEY BLOCK'), published)
        self.depot.must('verify')

    def test_a_provider_key_that_is_held_together_by_sha1(self):
        gpg(self.scratch / 'p', '--cert-digest-algo', 'SHA1', '--allow-weak-key-signatures', '--quick-set-expire',
            self.provider.fingerprint, '1y')
        self.know(self.provider)
        self.refused('weak-signature', 'admit', self.bundle(self.provider))
        warnings = self.depot.json('status')['warnings']
        self.assertIn('--quick-set-expire', ''.join(warnings))

    def test_a_depot_key_that_is_held_together_by_sha1(self):
        gpg(self.scratch / 'p', '--cert-digest-algo', 'SHA1', '--allow-weak-key-signatures', '--quick-set-expire',
            self.provider.fingerprint, '1y')
        environment = program.environment(GNUPGHOME=str(self.scratch / 'p'))
        result = program.run(program.SLUICE, 'init', self.scratch / 'other', '--key', self.provider.fingerprint,
                             env=environment)
        self.assertEqual(result.status, 1, result)
        self.assertIn('--cert-digest-algo SHA256 --quick-set-expire', result.err)
        self.assertFalse((self.scratch / 'other').exists())

    def test_a_gpg_conf_that_makes_signatures_expire(self):
        (self.depot.path / 'gnupg/gpg.conf').write_text('default-sig-expire 1d\n')
        before = self.depot.generation()
        result = self.depot.run('refresh')
        self.assertEqual(result.status, 1, result)
        self.assertIn('expires', result.err)
        self.assertEqual(self.depot.generation(), before)


if __name__ == '__main__':
    unittest.main()
