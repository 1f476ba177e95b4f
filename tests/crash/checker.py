# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a depot as a suspicious stranger would: gpgv, hashes, and the clients' file formats.

It has nothing from sluice, neither code nor program: what `sluice verify` overlooks, because what it
checks and what it checks with have one author, is found here.
"""

import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import tomllib
import xml.etree.ElementTree

COMMON = '{http://linux.duke.edu/metadata/common}'
REPO = '{http://linux.duke.edu/metadata/repo}'


NAMED_BY_CONTENT = re.compile('(.*-)?[0-9a-f]{64}([-.].*)?$')


class Fault(Exception):
    """What is wrong, and where."""


def expect(condition, what):
    if not condition:
        raise Fault(what)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def file_below(directory, name):
    """A file that an index names: it may not lead elsewhere."""
    expect(not name.startswith('/') and '..' not in name.split('/'), f'{name} leads out of {directory}')
    return directory / name


def repository_at(path):
    """What a path says of its repository, and where a generation has it if nothing else is said."""
    stage, line, *rest = path.split('/')
    release = rest[1] if rest[0] == 'releases' else ''
    spread = '/'.join(sha256(release.encode())[:3])
    platform, tree = [*(rest[2:] if release else rest), ''][:2]
    place = path.replace('/releases/', f'/releases/{spread}/', 1) if release else path
    return {'stage': stage, 'line': line, 'release': release, 'platform': platform, 'tree': tree, 'place': place}


class Signatures:
    """gpgv's verdicts. The same signature of the same bytes is asked about once."""

    def __init__(self, public_key):
        self.scratch = tempfile.TemporaryDirectory(prefix='sluice-checker-')
        self.keyring = pathlib.Path(self.scratch.name) / 'keyring.gpg'
        subprocess.run(['gpg', '--dearmor', '--output', self.keyring, public_key], check=True,
                       capture_output=True)
        self.good, self.lock = set(), threading.Lock()

    def close(self):
        self.scratch.cleanup()

    def check(self, *files):
        """A signature and what it signs, or one file that has both."""
        seen = tuple(sha256(file.read_bytes()) for file in files)
        with self.lock:
            if seen in self.good:
                return
        said = subprocess.run(['gpgv', '--keyring', self.keyring, *files], check=False,
                              capture_output=True, text=True)
        expect(said.returncode == 0, f'{files[0]}: {said.stderr}')
        with self.lock:
            self.good.add(seen)


class Checker:
    """Of depots that are copies of one."""

    def __init__(self, depot):
        self.signatures = Signatures(depot / 'public/keys/sluice.asc')

    def close(self):
        self.signatures.close()

    def check(self, depot):
        """Throws Fault. Returns (number of the generation, {release: stage})."""
        return Look(pathlib.Path(depot), self.signatures).whole()


class Look:
    def __init__(self, depot, signatures):
        self.depot, self.signatures = depot, signatures
        self.public = depot / 'public'
        self.settings = tomllib.loads((depot / 'sluice.toml').read_text())
        self.records = {path.stem: json.loads(path.read_text())
                        for path in (depot / 'releases').iterdir()}

    def whole(self):
        current = self.public / 'current'
        number = int(current.readlink().name)
        expect(str(current.readlink()) == f'generations/{number:06}', f'current -> {current.readlink()}')
        state = self.state(current)
        standing = self.ledger(number)
        expect(state['generation'] == number, f'state.json of {state["generation"]} in {number}')
        expect(state['standing'] == standing, f'the ledger has {standing}, state.json {state["standing"]}')
        self.generations(number)
        self.pool()
        self.leftovers()
        self.links(self.public / 'generations' / f'{number:06}')
        for path in state['repositories']:
            self.repository(path, standing)
        self.all_repositories(state['repositories'])
        for name in ('keys', 'client'):
            expect([file for file in (self.public / name).iterdir() if file.exists()], f'public/{name} is empty')
        return number, standing

    # ---- What happened ----

    def ledger(self, number):
        """The standing that the committed operations lead to."""
        text = (self.depot / 'ledger.jsonl').read_bytes()
        expect(text.endswith(b'\n'), 'the ledger ends with a torn line')
        previous, intents, last, standing, admitted = '0' * 64, {}, 0, {}, set()
        for line in text.splitlines():
            entry = json.loads(line)
            expect(entry['previous'] == previous, f'the ledger is cut before {entry}')
            previous = sha256(line)
            if entry['event'] == 'intent':
                expect(not intents, f'an intent beside another: {entry}')
                intents[entry['number']] = entry['operation']
                continue
            expect(entry['number'] in intents, f'an outcome without intent: {entry}')
            operation = intents.pop(entry['number'])
            if entry['event'] != 'committed':
                continue
            expect(entry['number'] > last, f'out of order: {entry}')
            last = entry['number']
            for move in operation['moves']:
                admitted.add(move['release'])
                standing.pop(move['release'], None)
                if move['to']:
                    standing[move['release']] = move['to']
        expect(not intents, f'an intent without outcome: {intents}')
        expect(last == number, f'current is {number}, the ledger has {last}')
        expect(admitted == set(self.records), f'records {sorted(self.records)}, admitted {sorted(admitted)}')
        return standing

    def generations(self, number):
        kept = {int(path.name) for path in (self.public / 'generations').iterdir()}
        expect(max(kept) == number, f'generations {sorted(kept)} beside {number}')

    def state(self, directory):
        """The first part, and all others merged into it."""
        state = {'standing': {}, 'repositories': {}} | json.loads((directory / 'state.json').read_text())
        for part in (*directory.glob('*/*/state.json'), *directory.glob('state/*/*/state.json')):
            for name, of_part in json.loads(part.read_text()).items():
                if isinstance(of_part, dict):
                    state.setdefault(name, {}).update(of_part)
        return state

    def links(self, directory):
        """Those of a generation lead to real directories of generations, or to packages."""
        for path in directory.iterdir():
            if path.is_symlink():
                target = pathlib.Path(os.path.normpath(path.parent / path.readlink()))
                expect(target.is_dir() and not target.is_symlink(), f'{path} -> {path.readlink()}')
                expect(target.is_relative_to(self.public), f'{path} leads out of public/')
                if target.is_relative_to(self.public / 'generations'):
                    self.links(target)
            elif path.is_dir():
                self.links(path)

    def leftovers(self):
        expect(not list((self.depot / 'work').iterdir()), f'left: {list((self.depot / "work").iterdir())}')
        for directory in (self.depot, self.depot / 'releases', self.public):
            left = [path.name for path in directory.iterdir() if path.name.startswith('.')]
            expect(not left, f'left in {directory}: {left}')

    def pool(self):
        """What records name, and nothing else."""
        pool, expected = self.depot / 'pool', set()
        for record in self.records.values():
            for document in record['documents']:
                expected.add(f'{document["sha256"][:2]}/{document["sha256"]}.xml')
            for package in record['packages']:
                digest, form = package['sha256'], package['format']
                content = f'{digest[:2]}/{digest}.{form}'
                name = f'names/{form}/{package["path"].rsplit("/", 1)[-1]}'
                expected |= {content, name}
                expect((pool / name).samefile(pool / content), f'pool/{name} is another file')
        found = {str(path.relative_to(pool)) for path in pool.rglob('*') if not path.is_dir()}
        expect(found == expected, f'in the pool: {sorted(found ^ expected)} too much or missing')
        for name in expected:
            if not name.startswith('names/'):
                expect(sha256((pool / name).read_bytes()) == name[3:67], f'pool/{name} has other bytes')

    # ---- What is published ----

    def all_repositories(self, paths):
        trees = {'yum': lambda p: [f'{p["name"]}/{a}' for a in (*p['architectures'], 'source')],
                 'apt': lambda p: [p['name']]}
        stages = {path.split('/')[0] for path in paths}
        expect(len(stages) >= 4, f'stages {stages}')
        for stage in stages:
            for line in self.settings['line']:
                for platform in self.settings['platform']:
                    for tree in trees[platform['format']](platform):
                        path = f'{stage}/{line["name"]}/{tree}'
                        expect(path in paths, f'{path} is not there')

    def repository(self, path, standing):
        published = repository_at(path)
        platform = next(p for p in self.settings['platform'] if p['name'] == published['platform'])
        ids = [published['release']] if published['release'] else [
            release for release, stage in standing.items() if stage == published['stage']]
        expect(not published['release'] or standing.get(published['release']) == published['stage'],
               f'{path} outlives its release')
        records = [self.records[release] for release in ids]
        packages = [package for record in records if record['line'] == published['line']
                    for package in record['packages'] if package['platform'] == platform['name']]
        directory = self.public / 'current' / published['place']
        if platform['format'] == 'yum':
            self.yum(directory, published['tree'], packages)
            self.stable(path, directory, 'repodata')
        else:
            self.apt(directory, platform, published['line'], packages)
            self.stable(path, directory, 'dists')
        if self.settings.get('public_url'):
            place = directory.resolve().relative_to(self.public.resolve())
            expect((self.public / path / 'mirrorlist').read_text() == f'{self.settings["public_url"]}/{place}/\n',
                   f'the mirror list of {path}')

    def stable(self, path, directory, metadata):
        """What is named by its content is there itself, all else through current."""
        for file in (directory / metadata).rglob('*'):
            if file.is_dir():
                continue
            stable = self.public / path / file.relative_to(directory)
            if NAMED_BY_CONTENT.match(file.name):
                expect(not stable.is_symlink() and stable.read_bytes() == file.read_bytes(),
                       f'{stable} is not that of current')
            else:
                expect(stable.is_symlink() and stable.samefile(file), f'{stable} is not that of current')

    def listed(self, directory, wanted, found):
        """`found` and `wanted`: {path: digest}. Each file must be there with its bytes."""
        expect(found == wanted, f'{directory} lists {found}, wanted {wanted}')
        for path, digest in found.items():
            content = file_below(directory, path).read_bytes()
            expect(sha256(content) == digest, f'{directory / path} has other bytes')

    def yum(self, directory, tree, packages):
        repomd = directory / 'repodata/repomd.xml'
        self.signatures.check(directory / 'repodata/repomd.xml.asc', repomd)
        found = {}
        for data in xml.etree.ElementTree.parse(repomd).getroot().findall(f'{REPO}data'):
            packed = file_below(directory, data.find(f'{REPO}location').get('href')).read_bytes()
            expect(len(packed) == int(data.findtext(f'{REPO}size')), f'size of {data.get("type")} in {repomd}')
            expect(sha256(packed) == data.findtext(f'{REPO}checksum'), f'{data.get("type")} in {repomd}')
            text = gzip.decompress(packed)
            expect(sha256(text) == data.findtext(f'{REPO}open-checksum'), f'open {data.get("type")} in {repomd}')
            root = xml.etree.ElementTree.fromstring(text)
            if data.get('type') == 'primary':
                found = {package.find(f'{COMMON}location').get('href'): package.findtext(f'{COMMON}checksum')
                         for package in root}
            elif data.get('type') in ('filelists', 'other'):
                expect({package.get('pkgid') for package in root} == {p['sha256'] for p in packages if
                       yum_wants(p, tree)}, f'{data.get("type")} of {directory}')
        self.listed(directory, {p['path']: p['sha256'] for p in packages if yum_wants(p, tree)}, found)

    def apt(self, directory, platform, line, packages):
        dist = directory / 'dists' / line
        self.signatures.check(dist / 'InRelease')
        self.signatures.check(dist / 'Release.gpg', dist / 'Release')
        release = (dist / 'Release').read_text()
        expect(release.strip() in (dist / 'InRelease').read_text(), f'{dist}: InRelease is not Release')
        named = {}
        for row in release.split('\nSHA256:\n')[1].splitlines():
            if not row.startswith(' '):
                break
            digest, size, name = row.split()
            named[name] = (digest, int(size))
        for architecture in platform['architectures']:
            name = f'main/binary-{architecture}/Packages'
            for copy in (dist / f'{name}.gz',
                         dist / f'main/binary-{architecture}/by-hash/SHA256/{named[name + ".gz"][0]}'):
                packed = copy.read_bytes()
                expect((sha256(packed), len(packed)) == named[name + '.gz'], f'{copy} is not the one of Release')
            text = gzip.decompress(packed)
            expect((sha256(text), len(text)) == named[name], f'{name} in {dist}')
            stanzas = [dict(row.split(': ', 1) for row in stanza.splitlines() if ': ' in row and row[0] != ' ')
                       for stanza in text.decode().split('\n\n') if stanza.strip()]
            self.listed(directory,
                        {p['path']: p['sha256'] for p in packages if not p['source']
                         and p['architecture'] in (architecture, 'all')},
                        {stanza['Filename']: stanza['SHA256'] for stanza in stanzas})


def yum_wants(package, tree):
    if package['source'] or tree == 'source':
        return package['source'] and tree == 'source'
    return package['architecture'] in (tree, 'noarch') or package['every_architecture']
