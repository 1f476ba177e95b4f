# SPDX-License-Identifier: GPL-3.0-or-later
"""packaging/quickstart, as a newcomer runs it: with Request Tracker, without it, and then --stop."""

import base64
import json
import pathlib
import sys
import tempfile
import time
import unittest
import urllib.error

import agents
import program
import reader

sys.path.insert(0, str(program.ROOT / 'tests/rt-bridge'))

# pylint: disable=wrong-import-position
from rt_client import Rest, Web  # noqa: E402

QUICKSTART = program.ROOT / 'packaging/quickstart'


class Quickstart(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='sluice-demo-')
        self.addCleanup(scratch.cleanup)
        self.addCleanup(agents.end_below, scratch.name)
        self.demo = pathlib.Path(scratch.name) / 'demo'
        self.environment = program.environment(SLUICE_DEMO=str(self.demo))
        self.addCleanup(program.run, QUICKSTART, '--stop', env=self.environment)

    def test_it_works_with_rt_and_again_without_and_stops(self):
        with_rt = self.quickstart('--with-rt')
        self.one_user_leads_a_release_through_its_life(with_rt['rt'])
        self.hand_in(with_rt['rt'], '2.0.0')  # may be in the middle of it when everything ends
        without = self.quickstart()
        self.assertNotIn('rt', without)
        self.gone(with_rt['rt']['url'])
        self.gone(with_rt['public_url'])
        program.must(QUICKSTART, '--stop', env=self.environment)
        self.gone(without['public_url'])

    def quickstart(self, *options):
        """What it left for scripts."""
        done = program.must(QUICKSTART, *options, env=self.environment, timeout=900)
        told = json.loads((self.demo / 'quickstart.json').read_text())
        self.assertEqual(told['depot'], str(self.demo / 'depot'))
        self.assertIn(b'BEGIN PGP PUBLIC KEY BLOCK', reader.fetch(told['key']))
        _, names = reader.yum(f'{told["public_url"]}/production/umd5/el9/aarch64')
        self.assertIn('lantern-server', names)
        for url in (told['public_url'], *([told['rt']['url']] if 'rt' in told else [])):
            self.assertIn(url, done.out)
        return told

    def gone(self, url):
        with self.assertRaises(urllib.error.URLError):
            reader.fetch(url)

    def hand_in(self, rt, version):
        """The number of a ticket with a bundle of that version."""
        bundle = self.demo / f'lantern-{version}.tar.gz'
        program.must(program.ROOT / 'fixtures/bundles/make_bundle', '--version', version,
                     program.ROOT / 'fixtures/products/lantern.product', bundle)  # not signed
        return self.person(rt).create(
            {'RepoAction': 'MoveToUnverified'}, queue=rt['queue'], Content='please', Attachments=[{
                'FileName': bundle.name, 'FileType': 'application/octet-stream',
                'FileContent': base64.b64encode(bundle.read_bytes()).decode()}])

    def person(self, rt):
        pair = base64.b64encode(f'{rt["user"]}:{rt["password"]}'.encode()).decode()
        return Rest(rt['url'], rt['user'], 'Basic ' + pair)

    def one_user_leads_a_release_through_its_life(self, rt):
        person = self.person(rt)
        ticket = self.hand_in(rt, '1.9.0')
        self.becomes(person, ticket, 'Unverified', 'unverified/umd5/releases/lantern-1.9.0/')
        page = Web(rt['url'], rt['user'], rt['password']).get(f'/Ticket/Display.html?id={ticket}')
        self.assertRegex(page, r'<dd>lantern-1\.9\.0</dd>')
        for action, status, stage in (('MoveToStageRollOut', 'Stage-Rollout', 'stage-rollout'),
                                      ('MoveToProduction', 'Production', 'production'),
                                      ('Depreceate', 'Deprecated', 'deprecated')):
            person.set(ticket, RepoAction=action)
            self.becomes(person, ticket, status, f'{stage}/umd5/')

    def becomes(self, person, ticket, status, url):
        """Waits for both: RT sets one field after the other."""
        deadline = time.monotonic() + 60
        while True:
            fields = person.fields(ticket)
            found = fields.get('RepositoryURL', '')
            if fields.get('RepoStatus') == status and found.endswith('/' + url):
                reader.fetch(found)
                return
            self.assertLess(time.monotonic(), deadline, f'{status}: {fields}')
            time.sleep(0.1)


if __name__ == '__main__':
    unittest.main()
