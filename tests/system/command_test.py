# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as scripts see it: exit status, JSON, dry runs, help."""

import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import re
import socket
import tempfile
import unittest

import program
import samples
from depot import Depot
from server import SluiceServe

VERBS = ('init', 'check', 'admit', 'promote', 'reject', 'deprecate', 'rollback', 'list', 'show', 'history',
         'status', 'verify', 'refresh', 'gc', 'client', 'serve')

# The default ones, but releases arrive in another one.
STAGES = """
[[stage]]
name = "testing"
entry = true
""" + ''.join(f"""
[[stage]]
name = "{name}"
from = ["{before}"]
archive = {'true' if name == 'deprecated' else 'false'}
""" for before, name in itertools.pairwise(('testing', 'unverified', 'stage-rollout', 'production', 'deprecated')))


@contextlib.contextmanager
def pipe_at(place):
    """A pipe that nobody writes into, instead of what was there."""
    place.parent.mkdir(exist_ok=True)
    kept = place.exists() and place.rename(place.with_name('kept'))
    os.mkfifo(place)
    try:
        yield
    finally:
        place.unlink()
        if kept:
            kept.rename(place)


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.depot.publish(samples.small('beacon'))
        cls.waiting = cls.depot.admit(samples.small('buoy'))

    def test_each_has_help(self):
        for verb in VERBS:
            with self.subTest(verb):
                result = program.run(program.SLUICE, verb, '--help')
                self.assertEqual(result.status, 0, result)
                self.assertIn('--depot', result.out)
                self.assertIn('--json', result.out)

    def test_a_wrong_flag_is_a_usage_error(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.assertEqual(program.run(program.SLUICE, verb, '--no-such-flag').status, 2)
        self.assertEqual(program.run(program.SLUICE, 'no-such-command').status, 2)

    def test_an_empty_value_is_a_usage_error(self):
        before = self.depot.generation()
        for words in (('rollback', '--stage', ''), ('show', ''), ('promote', self.waiting, '--to', ''), ('list', '--stage', ''),
                      ('promote', self.waiting, '', '--to', 'stage-rollout'), ('check', ''), ('client', ''),
                      ('reject', self.waiting, '--reason', ''), ('provider', 'transfer', '', '--to', 'lumen')):
            with self.subTest(words):
                result = self.depot.run(*words)
                self.assertEqual(result.status, 2, result)
                self.assertIn('the value is empty', result.err)
        self.assertEqual(self.depot.generation(), before)

    def test_what_is_no_number_of_a_ticket_is_a_usage_error(self):
        for number in ('0', '-1', '99999999999', str(2**64), str(2**64 + 7), '7x', '1.5'):
            with self.subTest(number):
                result = self.depot.run('bridge', 'retry', number)
                self.assertEqual(result.status, 2, result)
                self.assertIn(f"'{number}' is not the number of a ticket, 1 to 2147483647", result.err)

    def test_generations_are_numbers_as_their_directories_have_them(self):
        for number in ('0', '-1', '0x3', '1e3', str(-2**64), str(2**64)):
            with self.subTest(number):
                result = self.depot.run('rollback', '--to', number, '--dry-run')
                self.assertEqual(result.status, 2, result)
                self.assertIn(f"'{number}' is not the number of a generation", result.err)
        refused = self.depot.run('rollback', '--to', '0000010')
        self.assertEqual(refused.status, 3, refused)
        self.assertIn('no generation 10', refused.err)

    def test_a_port_is_served_once(self):
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            other.bind(('127.0.0.1', 0))
            other.listen()
            result = self.depot.run('serve', '--listen', f'127.0.0.1:{other.getsockname()[1]}')
        self.assertEqual(result.status, 1, result)
        self.assertIn('cannot listen', result.err)

    def test_what_is_sent_to_serve_is_not_read(self):
        with SluiceServe(self.depot), socket.create_connection(('127.0.0.1', self.depot.port)) as connection:
            connection.sendall(b'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n')
            with self.assertRaises(ConnectionError):
                for _ in range(1000):
                    connection.sendall(b'10000\r\n' + bytes(0x10000) + b'\r\n')

    def test_status_tells_what_else_there_is_when_the_key_cannot_be_had(self):
        home = self.depot.path / 'gnupg'
        home.rename(self.depot.path / 'elsewhere')
        self.addCleanup((self.depot.path / 'elsewhere').rename, home)
        result = self.depot.run('status')
        self.assertEqual(result.status, 1, result)
        self.assertIn("problem: the depot's key cannot sign: ", result.out)
        self.assertIn('repositories: ', result.out)

    def test_each_answers_in_json(self):
        bundle = samples.bundle_of(samples.small('pier'))
        for words in (('list',), ('show', self.waiting), ('history',), ('history', self.waiting),
                      ('status',), ('verify',), ('client', 'production', '--platform', 'el9'), ('check', bundle),
                      ('gc', '--dry-run'), ('refresh', '--dry-run'),
                      ('admit', bundle, '--dry-run'),
                      ('promote', self.waiting, '--to', 'stage-rollout', '--dry-run'),
                      ('reject', self.waiting, '--reason', 'x', '--dry-run'),
                      ('rollback', '--dry-run')):
            with self.subTest(words[0]):
                self.depot.json(*words)

    def test_a_client_file_is_printed_for_what_is_published_only(self):
        for platform in ('el9', 'debian12'):
            text = self.depot.must('client', 'unverified', '--platform', platform, '--release', self.waiting).out
            self.assertIn(f'unverified/umd5/releases/{self.waiting}/', text)
        for stage, release, code in (('production', self.waiting, 'wrong-stage'),
                                     ('unverified', 'beacon-1.0.0', 'wrong-stage'),
                                     ('production', 'beacon-1.0.0', 'wrong-stage'),
                                     ('unverified', 'nothing-1', 'unknown-release')):
            with self.subTest(stage=stage, release=release):
                result = self.depot.run('client', stage, '--platform', 'el9', '--release', release, '--json')
                self.assertEqual((result.status, json.loads(result.out)['code']), (3, code), result)

    def test_what_is_published_is_told_until_a_commit_carries_out_a_change_of_the_configuration(self):
        def told(depot):
            client = [depot.must('client', *words).out for words in (
                ('production', '--platform', 'el9'), ('deprecated', '--platform', 'debian12'),
                ('unverified', '--platform', 'debian12', '--release', self.waiting))]
            shown = [depot.json('show', release) for release in (self.waiting, 'beacon-1.0.0')]
            return client, [(each['url'], each['client_files']) for each in shown]
        with self.depot.clone() as depot:
            before = told(depot)
            self.assertEqual(before[1][0][0], f'{depot.url}/unverified/umd5/releases/{self.waiting}/')
            settings = depot.path / 'sluice.toml'
            text = settings.read_text().replace(depot.url, 'https://elsewhere.example')
            text = re.sub(r'\[\[platform\]\]\nname = "el9"\n(.+\n)*', '', text)
            settings.write_text(text + STAGES)
            self.assertEqual(told(depot), before)
            refused = depot.run('client', 'testing', '--platform', 'debian12')
            self.assertIn('`sluice refresh`', refused.err)

    def test_a_change_of_the_configuration_is_told_before_it_is_carried_out(self):
        with self.depot.clone() as depot:
            settings = depot.path / 'sluice.toml'
            text = settings.read_text()
            title = re.search('title = "(.*)"', text)[1]
            self.assertEqual(depot.json('status')['warnings'], [])
            settings.write_text(text.replace(f'title = "{title}"', 'title = "Five"'))
            (depot.path / 'provider-keys/lumen.asc').rename(depot.path / 'provider-keys/lux.asc')
            warnings = depot.json('status')['warnings']
            self.assertEqual([text.partition(': the next commit')[0] for text in warnings],
                             [f'line umd5: title was "{title}", is "Five"', 'provider key lux.asc is new',
                              'provider key lumen.asc is gone'])
            self.assertIn(f'warning: {warnings[0]}\n', depot.must('status').out)
            change = f'line umd5: title was "{title}", is "Five"'
            self.assertIn(f'  configuration: {change}\n', depot.must('refresh', '--dry-run').out)
            done = depot.json('promote', self.waiting, '--to', 'stage-rollout')
            self.assertEqual(done['plan']['configuration_changes'],
                             [change, 'provider key lux.asc is new', 'provider key lumen.asc is gone'])
            self.assertEqual(depot.json('status')['warnings'], [])
            self.assertNotIn('configuration:', depot.must('refresh').out)
            before, last = depot.json('history')['operations'][-2:]
            self.assertEqual(before['configuration_changes'], done['plan']['configuration_changes'])
            self.assertEqual(last['configuration_changes'], [])
            self.assertRegex(depot.must('history', self.waiting).out, f'(?m)^{before["operation"]} +{re.escape(change)}$')
            depot.must('verify')
            settings.write_text(text.replace('name = "umd5"', 'name = "umd6"'))
            refused = depot.run('status', '--json')
            self.assertEqual(refused.status, 1, refused)
            self.assertIn('sluice.toml: line umd5 is gone', json.loads(refused.out)['problems'][0])

    def test_a_depot_key_with_another_expiry_is_told_until_sites_have_it(self):
        with self.depot.clone() as depot:
            program.must('gpg', '--homedir', depot.path / 'gnupg', '--batch', '--pinentry-mode', 'loopback',
                         '--passphrase', '', '--quick-set-expire', depot.json('status')['key'], '5y')
            self.assertIn("the depot's key has changed", ''.join(depot.json('status')['warnings']))
            depot.must('refresh')
            self.assertEqual(depot.json('status')['warnings'], [])

    def test_a_dry_run_shows_the_plan_and_changes_nothing(self):
        before = (self.depot.generation(), self.depot.standing())
        for words in (('promote', self.waiting, '--to', 'stage-rollout'),
                      ('reject', self.waiting, '--reason', 'x'),
                      ('deprecate', 'beacon-1.0.0', '--reason', 'x'), ('refresh',), ('rollback',)):
            with self.subTest(words[0]):
                self.depot.must(*words, '--dry-run')
        shown = self.depot.must('promote', self.waiting, '--to', 'stage-rollout', '--dry-run').out
        self.assertIn('stage-rollout/umd5/el9/x86_64', shown)
        self.assertIn('stage-rollout/umd5/debian12', shown)
        self.assertEqual((self.depot.generation(), self.depot.standing()), before)

    def test_what_breaks_a_rule_is_refused_with_its_reason(self):
        for words, code in (
                (('promote', 'nothing-1.0', '--to', 'production'), 'unknown-release'),
                (('promote', self.waiting, '--to', 'nowhere'), 'unknown-stage'),
                (('promote', self.waiting, '--to', 'production'), 'wrong-stage'),
                (('deprecate', self.waiting, '--reason', 'x'), 'wrong-stage'),
                (('reject', 'beacon-1.0.0', '--reason', 'x'), 'wrong-stage'),
                (('rollback', '--to', '99999'), 'unknown-generation'),
                (('show', '../../etc/passwd'), 'unknown-release')):
            with self.subTest(words):
                result = self.depot.run(*words, '--json')
                self.assertEqual(result.status, 3, result)
                self.assertEqual(json.loads(result.out)['code'], code)

    def test_a_missing_record_is_for_the_operator(self):
        with self.depot.clone() as depot:
            (depot.path / 'releases/beacon-1.0.0.json').unlink()
            for words in (('status',), ('show', 'beacon-1.0.0'), ('deprecate', 'beacon-1.0.0', '--reason', 'x')):
                with self.subTest(words[0]):
                    result = depot.run(*words, '--json')
                    self.assertEqual(result.status, 1, result)
                    self.assertIn('releases/beacon-1.0.0.json', result.out)
            self.assertIn('production:   1 release', depot.run('status').out)
            self.assertIn('promote', depot.must('history', 'beacon-1.0.0').out)

    def test_what_to_do_where_gpg_has_no_place_for_its_socket(self):
        """In a container nobody made /run/user/UID, and a long path has no room for a socket's name."""
        script = """mount -t tmpfs none /run || exit
            "$0" init a --generate-key "A <a@example.org>" && exit 9
            mkdir -p -m 700 /run/user/0 && "$0" init b --generate-key "A <a@example.org>" && cd b && "$0" refresh
            status=$?; ls /run/user/0/gnupg; gpgconf --homedir "$1/b/gnupg" --kill all
            mv gnupg/private-keys-v1.d kept; "$0" refresh && exit 9; mv kept gnupg/private-keys-v1.d
            gpgconf --homedir "$1/b/gnupg" --kill all; rm -r /run/user; "$0" refresh && exit 9; exit $status"""
        with tempfile.TemporaryDirectory() as directory:
            deep = pathlib.Path(directory, 'd' * 120)
            deep.mkdir()
            result = program.run(*program.BY_ROOT, 'unshare', '--mount', 'sh', '-c', script, program.SLUICE, deep,
                                 cwd=deep)
            program.as_root('rm', '-rf', deep)
        self.assertEqual(result.status, 0, result)
        made, lost, signed = result.err.splitlines()
        self.assertIn('the secret key is not in', lost)
        self.assertNotIn('too long', lost, 'the socket has a place there')
        for told in (made, signed):
            self.assertIn('at most 87 bytes, or make /run/user/0 (mode 700)', told)
        self.assertRegex(result.out, r'is published\nd\.\w+\n$', "of the depot's home, and of no other")

    def test_a_name_that_no_line_can_have_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            result = program.run(program.SLUICE, 'init', directory, '--line', 'Two Words', '--key', 'A', '--json')
        self.assertEqual((result.status, json.loads(result.out)['code']), (3, 'bad-value'), result)
        self.assertIn("'Two Words'", result.err)

    def test_no_depot_is_the_operators_error(self):
        result = program.run(program.SLUICE, 'status', '--depot', '/nonexistent')
        self.assertEqual(result.status, 1, result)
        self.assertIn('/nonexistent', result.err)

    def test_a_check_says_by_whose_rules(self):
        bundle = samples.bundle_of(samples.small('pier'))
        descriptor = str(samples.bundle_of(samples.small('pier'), '')) + '/release.xml'
        named = program.run(program.SLUICE, 'check', bundle, '--depot', '/nonexistent')
        self.assertEqual(named.status, 1, named)
        self.assertIn('/nonexistent is not a depot', named.err)
        self.assertNotIn("no depot's rules", self.depot.must('check', bundle).out)
        for checked, status in ((bundle, 0), (descriptor, 3)):
            without = program.run(program.SLUICE, 'check', checked, cwd='/tmp')
            self.assertEqual(without.status, status, without)
            self.assertIn("only what was handed in was looked at: no depot's rules", without.out)
            for words in (('--line', 'umd5'), ('--provider', 'lumen')):
                result = program.run(program.SLUICE, 'check', checked, *words, cwd='/tmp')
                self.assertEqual(result.status, 2, result)
                self.assertIn('are of a depot', result.err)

    def test_a_check_says_what_the_plan_of_admit_says(self):
        product = samples.small('mooring')
        bundle = samples.bundle_of(product)
        with self.depot.clone() as depot:
            depot.admit(product)
            before = depot.generation()
            self.assertIn('mooring-1.0.0 was admitted before, with the same content: nothing to do',
                          depot.must('check', bundle).out)
            self.assertTrue(depot.json('check', bundle)['already_admitted'])
            depot.must('promote', 'mooring-1.0.0', '--to', 'stage-rollout')
            for verb in ('check', 'admit'):
                told = depot.run(verb, bundle, '--json')
                self.assertEqual(told.status, 3, told)
                self.assertEqual([one['code'] for one in json.loads(told.out)['problems']], ['already-released'], told)
            self.assertIn('this would be refused', depot.run('check', bundle).out)
            self.assertEqual(depot.generation(), before + 1)

    def test_a_release_xml_alone_lacks_what_it_does_not_say_where_to_fetch(self):
        there = '<package pkgname="lamp" version="1.2" release="3" url="https://a.example/lamp-1.2-3.rpm"/>'
        nowhere = '<package pkgname="wick" version="1.2" release="3"/>'
        sync = '<synchURL>https://a.example/el9/</synchURL>'
        with tempfile.TemporaryDirectory() as directory:
            descriptor = pathlib.Path(directory, 'release.xml')
            for packages, url, status, told in (
                    ('', '', 3, 'came without packages, and does not say where they are'),
                    (nowhere, '', 3, 'listed but not handed in: wick-1.2-3'),
                    (there + nowhere, '', 3, 'listed but not handed in: wick-1.2-3 '),
                    (there, '', 0, 'its packages were not looked at'),
                    ('', sync, 0, 'its packages were not looked at'),
                    (nowhere, sync, 0, 'its packages were not looked at')):
                with self.subTest(packages + url):
                    descriptor.write_text(
                        '<r:release xmlns:r="http://repo.egi.eu/0.2/release"><productName>lamps</productName>'
                        f'<majorVersion>1</majorVersion>{url}<packages>{packages}</packages></r:release>')
                    result = program.run(program.SLUICE, 'check', descriptor)
                    self.assertEqual(result.status, status, result)
                    self.assertIn(told, result.out)
                    self.assertNotIn('would be admitted', result.out)
                    answer = json.loads(program.run(program.SLUICE, 'check', descriptor, '--json').out)
                    self.assertEqual(answer['sound'], status == 0)

    def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(self):
        bundle = samples.bundle_of(samples.small('pier'))
        state = f'public/generations/{self.depot.generation():06}/state.json'
        index = f'fragments/index/{hashlib.sha256(b"provider-keys").hexdigest()[:2]}'
        with self.depot.clone() as depot:
            for name, words in (('sluice.toml', ('status',)), ('ledger.jsonl', ('status',)), (state, ('list',)),
                                ('given', ('check', bundle, '--descriptor', depot.path / 'given')),
                                ('lock', ('refresh',)),
                                ('bridge/sources.json', ('bridge', 'forget-source', 'http://a.example/')),
                                (index, ('status',))):
                with self.subTest(name), pipe_at(depot.path / name):
                    result = depot.run(*words, timeout=20)
                    if name.startswith('fragments'):  # made anew
                        self.assertEqual(result.status, 0, result)
                    else:
                        self.assertEqual(result.status, 1, result)
                        self.assertIn(f'{name} is not a regular file', result.err)

    def test_one_who_may_only_read_lists_and_checks_and_nothing_grows_by_it(self):
        def seen(directory):
            return {path: path.lstat().st_mtime_ns for path in directory.rglob('*')}

        with self.depot.clone() as depot:
            bundle = depot.scratch / 'bundle'
            program.must('cp', '-r', samples.bundle_of(samples.small('pier')), bundle)
            program.must('chmod', '-R', 'a+rX', bundle)
            depot.scratch.chmod(0o755)
            before = seen(depot.path)
            for words in (('list',), ('check', bundle)):
                with self.subTest(words):
                    program.as_root('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', '-u',
                                    'HOME', *depot.command(*words))
            self.assertEqual(seen(depot.path), before)
            cached = seen(depot.path / 'fragments')
            depot.must('check', bundle)
            self.assertEqual(seen(depot.path / 'fragments'), cached)

    def test_the_depot_is_found_by_variable_and_by_directory(self):
        depot = str(self.depot.path)
        program.must(program.SLUICE, 'status', env=program.environment(SLUICE_DEPOT=depot))
        for variables in ({}, {'SLUICE_DEPOT': ''}):
            program.must(program.SLUICE, 'status', cwd=depot, env=program.environment(**variables))

    def test_an_option_names_the_depot_whatever_the_variable_says(self):
        variables = program.environment(SLUICE_DEPOT='/nonexistent')
        for words in (('list',), ('provider', 'list'), ('refresh', '--dry-run')):
            with self.subTest(words):
                program.must(program.SLUICE, *words, '--depot', self.depot.path, env=variables)

    def test_many_releases_move_in_one_commit(self):
        with Depot() as depot:
            releases = [depot.admit(samples.small(name)) for name in ('beacon', 'buoy', 'pier')]
            before = depot.generation()
            depot.must('promote', *releases, '--to', 'stage-rollout')
            self.assertEqual(depot.generation(), before + 1)
            self.assertEqual(set(depot.standing().values()), {'stage-rollout'})

    def test_every_kind_of_archive_is_the_same_release(self):
        with Depot() as depot:
            product, first = samples.small('beacon'), None
            for suffix in ('', '.tar', '.tar.gz', '.tar.xz', '.tar.zst', '.tar.bz2', '.zip'):
                with self.subTest(suffix):
                    repacked = samples.repacked(product, suffix)
                    release = depot.json('admit', repacked)['release']
                    first = first or release
                    self.assertEqual(release, first)

    def test_every_revision_of_a_descriptor_is_read(self):
        with Depot() as depot:
            for revision in 'BEF':
                with self.subTest(revision):
                    product = samples.small(f'beacon-{revision.lower()}', platforms=('el9 x86_64',))
                    release = depot.admit(product, revision=revision)
                    shown = depot.json('show', release)
                    self.assertEqual(shown['descriptor']['revision'], revision)
                    self.assertEqual(len(shown['packages']), 1)

    def test_an_emergency_goes_straight_to_production(self):
        with Depot() as depot:
            product = samples.small('beacon', platforms=('el9 x86_64',))
            release = depot.admit(product, revision='F', emergency=True)
            # The provider can only ask for it.
            result = depot.run('promote', release, '--to', 'production')
            self.assertEqual(result.status, 3, str(result))
            self.assertIn('emergency-asked', str(depot.json('show', release)['warnings']))
            depot.must('promote', release, '--to', 'production', '--emergency')
            self.assertEqual(depot.standing(), {release: 'production'})


if __name__ == '__main__':
    unittest.main()
