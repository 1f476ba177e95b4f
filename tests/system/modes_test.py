# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read and write what is in a depot does not depend on the umask of who made it."""

import json
import os
import pathlib
import stat
import tempfile
import unittest
import urllib.error
import urllib.request

import program
import samples
from depot import Depot
from server import SluiceServe

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def modes_below(directory):
    """Path and mode of every directory and regular file; links have none of their own."""
    for parent, directories, files in os.walk(directory):
        for name in ('.', *directories, *files):
            path = pathlib.Path(parent, name)
            if not path.is_symlink():
                yield path, path.lstat().st_mode


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class Modes(unittest.TestCase):
    def check_public(self, path, mode):
        usual = (0o755,) if stat.S_ISDIR(mode) else (0o644, 0o444)
        self.assertIn(stat.S_IMODE(mode), usual, path)

    def check_depot(self, depot):
        for path, mode in modes_below(depot.path):
            if path.is_relative_to(depot.public):
                self.check_public(path, mode)
            elif path.is_relative_to(depot.path / 'gnupg') and not stat.S_ISSOCK(mode):
                self.assertEqual(stat.S_IMODE(depot.path.joinpath('gnupg').stat().st_mode), 0o700)
            elif path == depot.path / 'work':
                self.assertEqual(stat.S_IMODE(mode), 0o700)
            elif not stat.S_ISSOCK(mode):
                self.assertFalse(mode & WRITABLE_BY_OTHERS, f'{path} {mode:o}')

    def test_do_not_depend_on_the_umask(self):
        bundle = samples.bundle_of(samples.small('beacon'))
        for mask in (0o000, 0o077):
            with self.subTest(f'{mask:03o}'):
                usual = os.umask(mask)
                try:
                    with Depot() as depot:
                        os.chmod(depot.path / 'provider-keys', 0o755)  # the test's file, not sluice's
                        os.chmod(depot.path / 'provider-keys/lumen.asc', 0o644)
                        depot.must('admit', bundle)
                        depot.must('verify')
                        self.check_depot(depot)
                finally:
                    os.umask(usual)

    def test_of_a_depot_of_before_are_told_with_what_mends_them(self):
        """As with umask 077 and 000: by sluice itself, before it set its own."""
        with Depot() as depot:
            depot.admit(samples.small('beacon'))
            depot.must('verify')
            for change, places in (('go=', ('.', 'public', 'pool')),
                                   ('a+w', ('.', 'public', 'pool', 'sluice.toml', 'provider-keys', 'releases',
                                            'fragments', 'ledger.jsonl', 'lock')),
                                   ('go+rx', ('gnupg', 'work'))):
                with self.subTest(change):
                    program.must('chmod', '-R', change, *(depot.path / place for place in places if place != '.'))
                    if '.' in places:
                        program.must('chmod', change, depot.path)
                    told = json.loads(depot.run('verify', '--json').out)['problems']
                    self.assertEqual(sorted(problem['path'] for problem in told), sorted(places), told)
                    for problem in told:
                        program.must('sh', '-c', problem['message'][problem['message'].index('chmod '):])
                    depot.must('verify')
                    self.check_depot(depot)

    def test_keep_others_out_of_a_check_without_a_depot(self):
        bundle = samples.bundle_of(samples.small('beacon'))
        with tempfile.TemporaryDirectory() as place:
            trap = pathlib.Path(place, 'elsewhere')
            trap.mkdir()
            pathlib.Path(place, 'sluice-check').symlink_to(trap)
            log = pathlib.Path(place, 'log')
            program.must('strace', '-f', '-qq', '-o', log, '-e', 'trace=mkdir,mkdirat', program.SLUICE, 'check', bundle,
                         cwd=place, env=program.environment(TMPDIR=place))
            made = [line for line in log.read_text().splitlines() if f'"{place}/' in line]
            self.assertRegex(made[0], rf'"{place}/sluice-\w{{6}}", 0700\) = 0')
            self.assertEqual(sorted(os.listdir(place)), ['elsewhere', 'log', 'sluice-check'])
            self.assertEqual(os.listdir(trap), [])

    def test_do_not_let_a_stray_link_hand_out_what_is_not_public(self):
        with Depot() as depot:
            secret = depot.scratch / 'secret'
            secret.write_text('secret')
            for name, target in (('absolute', secret), ('relative', '../sluice.toml'), ('directory', '..')):
                (depot.public / name).symlink_to(target)
            os.mkfifo(depot.public / 'pipe')
            with SluiceServe(depot):
                self.assertEqual(status_of(f'{depot.url}/keys/sluice.asc'), 200)
                self.assertEqual(status_of(f'{depot.url}/production/'), 200)
                for name in ('absolute', 'relative', 'directory/', 'directory/sluice.toml', 'pipe'):
                    with self.subTest(name):
                        self.assertEqual(status_of(f'{depot.url}/{name}'), 404)

    def test_and_files_of_a_depot_stay_as_they_were_when_a_bundle_is_checked(self):
        with Depot() as depot:
            depot.admit(samples.small('beacon'))  # what is kept of the provider keys is there from then on
            before = [(path, mode) for path, mode in modes_below(depot.path) if 'gnupg' not in path.parts]
            depot.must('check', samples.bundle_of(samples.small('buoy')))
            after = [(path, mode) for path, mode in modes_below(depot.path) if 'gnupg' not in path.parts]
            self.assertEqual(after, before)


if __name__ == '__main__':
    unittest.main()
