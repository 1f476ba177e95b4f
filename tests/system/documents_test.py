# SPDX-License-Identifier: GPL-3.0-or-later
"""Advisories and groups that a bundle brings: what they say of the packages of others is not published,
and whoever handed it in is told."""

import contextlib
import gzip
import json
import re
import shutil
import unittest

import machine
import program
import samples
import server
from depot import Depot

UPDATES = '''\
<updates>
  <update type="security"><id>S-1</id><title>of both</title><pkglist><collection short="c"><name>c</name>
    <package name="beacon" version="1.0.0" release="1" epoch="0" arch="x86_64"><filename>beacon.rpm</filename></package>
    <package name="openssl" version="9" release="9" epoch="0" arch="x86_64"><filename>openssl.rpm</filename></package>
  </collection></pkglist></update>
  <update type="security"><id>S-2</id><title>of others</title><pkglist><collection short="c"><name>c</name>
    <package name="glibc" version="9" release="9" epoch="0" arch="x86_64"><filename>glibc.rpm</filename></package>
  </collection></pkglist></update>
</updates>
'''

GROUPS = '''\
<comps>
  <group><id>lights</id><name>Lights</name><packagelist>
    <packagereq type="mandatory">beacon</packagereq><packagereq type="mandatory">bash</packagereq>
  </packagelist></group>
  <group><id>core</id><name>Core</name><packagelist>
    <packagereq type="mandatory">kernel</packagereq>
  </packagelist></group>
</comps>
'''

PROVIDERS = '''
[[provider]]
name = "lumen"
keys = ["lumen.asc"]
[[provider]]
name = "umbra"
keys = ["umbra.asc"]
'''

OTHERS = ('openssl', 'glibc', 'S-2', 'bash', 'kernel', 'core')


def opened(file):
    content = file.read_bytes()
    if content.startswith(b'\x1f\x8b'):
        return gzip.decompress(content).decode()
    if content.startswith(b'\x28\xb5\x2f\xfd'):
        return program.must('zstd', '-dc', file).out
    return content.decode()


class Documents(unittest.TestCase):
    def setUp(self):
        self.depot = self.enterContext(Depot(key_type='ed25519'))
        self.bundle = self.depot.scratch / 'bundle'
        shutil.copytree(samples.bundle_of(samples.small('beacon', platforms=('el9 x86_64',)), ''), self.bundle)
        (self.bundle / 'updateinfo.xml').write_text(UPDATES)
        (self.bundle / 'comps.xml').write_text(GROUPS)

    def published(self, repository):
        """The advisories and groups of a yum repository, as text."""
        place = self.depot.public / repository
        repomd = (place / 'repodata/repomd.xml').read_text()
        places = dict(re.findall(r'<data type="(\w+)">.*?<location href="([^"]+)"', repomd, re.DOTALL))
        return opened(place / places['updateinfo']) + opened(place / places['group'])

    def told(self, text):
        self.assertIn('advisories and groups for el9 speak of packages that the release does not bring', text)
        for name in ('bash', 'glibc', 'kernel', 'openssl'):
            self.assertIn(name, text)

    def test_speak_of_the_packages_of_their_release_only(self):
        depot = self.depot
        checked = depot.json('check', self.bundle)
        self.assertEqual([one['code'] for one in checked['problems']], ['foreign-reference'])
        trial = depot.must('admit', self.bundle, '--dry-run')
        self.assertIn('[foreign-reference]', trial.err)
        self.told(trial.err)
        self.assertEqual(trial.out.count('foreign-reference'), 0)

        admitted = depot.must('admit', self.bundle, '--json')
        warning, = json.loads(admitted.out)['warnings']
        self.assertEqual((warning['code'], warning['severity']), ('foreign-reference', 'warning'))
        self.told(warning['message'])
        depot.promote('beacon-1.0.0', 'stage-rollout')
        depot.promote('beacon-1.0.0', 'production')
        text = self.published('production/umd5/el9/x86_64')
        for name in ('S-1', 'beacon', 'lights'):
            self.assertRegex(text, rf'\b{name}\b')
        for name in OTHERS:
            self.assertNotRegex(text, rf'\b{name}\b')
        with server.SluiceServe(depot), machine.dnf(depot) as dnf:
            group = dnf.must('--refresh', 'group', 'info', 'lights').out
            self.assertIn('beacon', group)
            self.assertNotIn('bash', group)
            self.assertEqual(re.findall(r'\((\w+)\)', dnf.must('group', 'list', '--ids').out), ['lights'])
        depot.must('verify')

    def test_of_one_id_are_of_one_provider(self):
        depot = self.depot
        umbra = self.enterContext(contextlib.closing(samples.key.Key(depot.scratch / 'umbra', algorithm='ed25519')))
        (depot.path / 'provider-keys/umbra.asc').write_bytes(umbra.public())
        with (depot.path / 'sluice.toml').open('a', encoding='utf-8') as file:
            file.write(PROVIDERS)
        self.assertEqual(depot.json('admit', self.bundle)['release'], 'beacon-1.0.0')
        depot.promote('beacon-1.0.0', 'stage-rollout')
        depot.promote('beacon-1.0.0', 'production')

        other = samples.bundle.build(samples.small('buoy', platforms=('el9 x86_64',)), depot.scratch / 'other', 'E', umbra)
        for name, text in (('updateinfo.xml', UPDATES), ('comps.xml', GROUPS)):
            (other / name).write_text(text.replace('beacon', 'buoy').replace('Lights', 'Traps'))
        for verb in ('check', 'admit'):
            refused = depot.run(verb, other)
            self.assertEqual(refused.status, 3, refused)
            for told in ('the advisory S-1 stands in production already, in beacon-1.0.0 of the provider lumen',
                         'the group lights stands in production already', 'give it another id'):
                self.assertIn(told, refused.out + refused.err)
        (other / 'updateinfo.xml').write_text(UPDATES.replace('beacon', 'buoy').replace('S-1', 'beacon-1.0.0'))
        self.assertIn('the advisory beacon-1.0.0 stands', depot.run('admit', other).err)
        (other / 'updateinfo.xml').unlink()
        # One name for what dnf takes for the other.
        environment = '<comps><environment><id>{}</id><name>Traps</name><grouplist/></environment></comps>'
        (other / 'comps.xml').write_text(environment.format('lights'))
        self.assertIn('the group lights stands', depot.run('admit', other).err)
        (other / 'comps.xml').write_text(environment.format('traps'))
        depot.must('admit', other)
        depot.promote('buoy-1.0.0', 'stage-rollout')
        depot.promote('buoy-1.0.0', 'production')
        with server.SluiceServe(depot), machine.dnf(depot) as dnf:
            group = dnf.must('--refresh', 'group', 'info', 'lights').out
            self.assertIn('Lights', group)
            self.assertNotIn('buoy', group)
            self.assertNotIn('buoy', dnf.must('updateinfo', 'info', '--all', 'S-1').out)
        depot.must('verify')

    def test_speak_of_all_where_the_line_says_so(self):
        configuration = self.depot.path / 'sluice.toml'
        text = configuration.read_text()
        configuration.write_text(text.replace('[[line]]\n', '[[line]]\nforeign_references = "keep"\n', 1))
        self.assertEqual(self.depot.json('admit', self.bundle)['warnings'], [])
        text = self.published('unverified/umd5/el9/x86_64')
        for name in OTHERS:
            self.assertRegex(text, rf'\b{name}\b')


if __name__ == '__main__':
    unittest.main()
