# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site sees while releases move: stock dnf, zypper and apt, all signatures checked."""

import contextlib
import os
import tempfile
import unittest

import machine
import program
import samples
import server
from depot import Depot

FIRST = samples.LANTERN
SECOND = FIRST.at('1.7.4')
NAMES = ('lantern-server', 'lantern-client', 'lantern-common')


def versions(version):
    return {(name, version) for name in NAMES}


def both(version):
    return {'lantern-server': version, 'lantern-common': version}


class Life(unittest.TestCase):
    """One release after the other in production, seen by every kind of client."""

    def installs(self, client):
        refreshed = client.refresh()
        self.assertEqual(refreshed.status, 0, refreshed)
        self.assertEqual(client.offered(*NAMES), versions('1.7.3'))
        client.install('lantern-server')
        self.assertEqual(client.installed(), both('1.7.3'))
        self.assertEqual(client.file('/usr/share/lantern/server.conf'), 'port=8154\n1.7.3-1\n')

    def upgrades(self, client):
        self.assertEqual(client.offered(*NAMES), versions('1.7.3') | versions('1.7.4'))
        client.upgrade()
        self.assertEqual(client.installed(), both('1.7.4'))

    def goes_back(self, client):
        self.assertEqual(client.offered(*NAMES), versions('1.7.3'))
        client.synchronise()
        self.assertEqual(client.installed(), both('1.7.3'))

    def finds_nothing(self, client):
        self.assertEqual(client.offered(*NAMES), set())

    def live(self, kind):
        with contextlib.ExitStack() as stack:
            depot = stack.enter_context(Depot())
            first = depot.publish(FIRST)
            before = depot.generation()
            stack.enter_context(kind(depot))
            clients = {label: stack.enter_context(client) for label, client in {
                'dnf, mirror list': machine.dnf(depot),
                'dnf, base URL': machine.dnf(depot, mirrors=False),
                'dnf, aarch64': machine.dnf(depot, architecture='aarch64'),
                'zypper, mirror list': machine.zypper(depot),
                'zypper, base URL': machine.zypper(depot, mirrors=False),
                'apt': machine.apt(depot)}.items()}

            def each(check):
                for label, client in clients.items():
                    with self.subTest(check.__name__, client=label):
                        check(client)

            each(self.installs)
            depot.publish(SECOND)
            each(self.upgrades)
            depot.must('rollback', '--to', before)
            each(self.goes_back)
            depot.must('deprecate', first, '--reason', 'superseded')
            each(self.finds_nothing)
            depot.must('verify')

    def test_install_upgrade_rollback_deprecate_over_nginx(self):
        self.live(server.Nginx)

    def test_install_upgrade_rollback_deprecate_over_sluice_serve(self):
        self.live(server.SluiceServe)


class Stages(unittest.TestCase):
    def test_every_stage_and_the_repository_of_a_release_can_be_installed_from(self):
        with Depot() as depot, server.Nginx(depot):
            release = depot.admit(FIRST)
            for stage, only in (('unverified', release), ('unverified', None), ('stage-rollout', None),
                                ('production', None), ('deprecated', None)):
                if stage == 'deprecated':
                    depot.must('deprecate', release, '--reason', 'end of life')
                elif stage != 'unverified':
                    depot.promote(release, stage)
                for make in (machine.dnf, machine.zypper, machine.apt):
                    with self.subTest(stage=stage, only=only, client=make.__name__), \
                            make(depot, stage, release=only) as client:
                        client.install('lantern-client')
                        self.assertEqual(client.installed(),
                                         {'lantern-client': '1.7.3', 'lantern-common': '1.7.3'})

    def test_metadata_with_a_wrong_signature_is_refused(self):
        with Depot(key_type='ed25519') as depot, server.Nginx(depot):
            depot.publish(samples.small('buoy'))
            yum, other = (depot.public / 'current' / stage / 'umd5/el9/x86_64/repodata/repomd.xml.asc'
                          for stage in ('production', 'stage-rollout'))
            yum.write_bytes(other.read_bytes())
            apt = depot.public / 'current/production/umd5/debian12/dists/umd5/InRelease'
            apt.write_text(apt.read_text().replace('Origin: sluice', 'Origin: sluize'))
            for make in (machine.dnf, machine.zypper, machine.apt):
                with self.subTest(make.__name__), make(depot) as client:
                    refused = client.refresh()
                    self.assertNotEqual(refused.status, 0, refused)
                    self.assertRegex((refused.out + refused.err).lower(), 'signature|gpg|verif')

    def test_without_a_public_url_the_stages_work_by_file_url(self):
        with tempfile.TemporaryDirectory(prefix='a blank and d\u00e9p\u00f4t ') as parent, \
                Depot(parent, public=False) as depot:
            depot.publish(FIRST)
            self.assertNotIn('mirrorlist', depot.client_file('production', 'el9'))
            self.assertFalse(list(depot.public.rglob('mirrorlist')))
            os.chmod(parent, 0o755)
            depot.scratch.chmod(0o755)
            for make in (machine.dnf, machine.zypper, machine.apt):
                if make is machine.dnf and program.has_client('dnf5'):
                    continue  # it takes the %20 in a key's file URL for part of the name
                with self.subTest(make.__name__), make(depot) as client:
                    client.install('lantern-client')
                    self.assertEqual(client.installed(), {'lantern-client': '1.7.3', 'lantern-common': '1.7.3'})

    def test_client_files_of_stages_before_production_are_shipped_disabled(self):
        with Depot() as depot:
            depot.publish(FIRST)
            for stage, enabled in (('unverified', False), ('stage-rollout', False),
                                   ('production', True), ('deprecated', False)):
                with self.subTest(stage=stage):
                    repo = depot.client_file(stage, 'el9', enable=False)
                    sources = depot.client_file(stage, 'debian12', enable=False)
                    self.assertEqual('enabled=1\n' in repo, enabled, repo)
                    self.assertEqual('Enabled: no\n' in sources, not enabled, sources)


if __name__ == '__main__':
    unittest.main()
