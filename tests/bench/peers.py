# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers. Each keeps two stages, `rollout` and `production`, filled with the packages of sluice's.

`move` gives the commands that bring an update from one to the other, write the indexes of both and sign
them; `admit` those that make a repository of a directory of packages. Where the best flags we know are not
the defaults, both are measured: `best` tells which.
"""

import os
import pathlib
import shutil

import measure

STAGES = ('rollout', 'production')
SUITE = 'Codename: {stage}\nArchitectures: amd64\nComponents: main\nSignWith: {key}\n'


class Keyring:
    """A GnuPG home with one ed25519 key, as the depot has one."""

    def __init__(self, directory):
        self.home = pathlib.Path(directory)
        self.home.mkdir(mode=0o700)
        self.environment = dict(os.environ, GNUPGHOME=str(self.home))
        measure.run('gpg', '--batch', '--passphrase', '', '--quick-generate-key', 'Peer <peer@example.org>',
                    'ed25519', 'sign', 'never', env=self.environment)
        listing = measure.run('gpg', '--batch', '--with-colons', '--list-keys', env=self.environment)
        self.key = next(line.split(':')[9] for line in listing.splitlines() if line.startswith('fpr'))

    def close(self):
        measure.run('gpgconf', '--homedir', self.home, '--kill', 'all')


class Peer:
    """Base of all: what it is called, its directory, its key."""

    form = 'deb'
    tool = ''
    ways = (True, False)  # of `best`
    largest = {}  # by way: beyond so many packages it takes minutes and tells nothing new

    def __init__(self, scratch, keyring):
        self.keyring = keyring
        self.path = pathlib.Path(scratch)
        self.path.mkdir(parents=True)

    @classmethod
    def names(cls, size=0):
        """[(name, best)] of the ways to measure at a size."""
        return [(cls.tool if len(cls.ways) == 1 else f'{cls.tool}, {"best flags" if best else "defaults"}', best)
                for best in cls.ways if size <= cls.largest.get(best, size)]

    def must(self, *command):
        return measure.run(*command, env=self.keyring.environment)

    def cost(self, commands, bundle=None):
        return measure.cost(commands, self.path, self.keyring.environment, bundle)


def _linked(packages, directory):
    directory.mkdir(parents=True, exist_ok=True)
    for package in packages:
        os.link(package, directory / package.name)


class Createrepo(Peer):
    """createrepo_c signs nothing and moves nothing: ln, rm and gpg do."""

    form = 'rpm'
    tool = 'createrepo_c'
    largest = {False: 20_000}

    def _index(self, stage, best, *flags):
        return ('createrepo_c', '--quiet', *flags, *(['--no-database'] if best else []), self.path / stage)

    def _sign(self, stage):
        return ('gpg', '--batch', '--yes', '--armor', '--detach-sign', self.path / stage / 'repodata/repomd.xml')

    def fill(self, production, rollout):
        for stage, packages in (('production', production), ('rollout', rollout)):
            _linked(packages, self.path / stage / 'Packages')
            self.must(*self._index(stage, True))
            self.must(*self._sign(stage))

    def move(self, update, best):
        target = self.path / 'production/Packages'
        source = [self.path / 'rollout/Packages' / package.name for package in update]
        return [('ln', '-t', target, *source), ('rm', *source),
                *(command for stage in STAGES for command in (self._index(stage, best, '--update'), self._sign(stage)))]

    def admit(self, directory, best):
        """Copies the files of a bundle and makes a repository of them."""
        return [('cp', '-r', directory, self.path / 'new'), self._index('new', best), self._sign('new')]


class Reprepro(Peer):
    """Its defaults, Packages and Packages.gz, are the least that it can write."""

    tool = 'reprepro'
    ways = (True,)

    def __init__(self, scratch, keyring):
        super().__init__(scratch, keyring)
        (self.path / 'conf').mkdir()
        (self.path / 'conf/distributions').write_text(
            '\n'.join(SUITE.format(stage=stage, key=keyring.key) for stage in (*STAGES, 'new')))

    def _do(self, *arguments):
        return ('reprepro', '--silent', '-b', self.path, *arguments)

    def fill(self, production, rollout):
        for stage, packages in (('production', production), ('rollout', rollout)):
            for begin in range(0, len(packages), 1000):
                self.must(*self._do('--export=never', 'includedeb', stage, *packages[begin:begin + 1000]))
        self.must(*self._do('export'))

    def move(self, update, best):
        names = [package.name.partition('_')[0] for package in update]
        return [self._do('copy', 'production', 'rollout', *names), self._do('remove', 'rollout', *names)]

    def admit(self, directory, best):
        return [self._do('includedeb', 'new', *sorted(directory.rglob('*.deb')))]


class Aptly(Peer):
    """Contents and bzip2 are on by default. Each way has a publication of its own, because one keeps the
    flags that it was made with."""

    tool = 'aptly'
    largest = {True: 20_000, False: 20_000}

    def __init__(self, scratch, keyring):
        super().__init__(scratch, keyring)
        (self.path / 'conf').write_text(f'{{"rootDir": "{self.path}", "architectures": ["amd64"]}}')
        for stage in (*STAGES, 'new'):
            self.must(*self._do('repo', 'create', '-distribution', stage, stage))

    def _do(self, *arguments):
        return ('aptly', '-config', self.path / 'conf', *arguments)

    def _publish(self, verb, stage, best):
        flags = ('-skip-contents', '-skip-bz2') if best else ()
        prefix = 'best' if best else 'defaults'
        return self._do('publish', verb, '-batch', f'-gpg-key={self.keyring.key}', *flags, stage, prefix)

    def fill(self, production, rollout):
        # Directories of links: a command line has no room for so many names.
        for stage, packages in (('production', production), ('rollout', rollout)):
            _linked(packages, self.path / 'incoming' / stage)
            self.must(*self._do('repo', 'add', stage, self.path / 'incoming' / stage))
            for best in self.ways:
                self.must(*self._publish('repo', stage, best))
        shutil.rmtree(self.path / 'incoming')

    def move(self, update, best):
        packages = [package.stem for package in update]  # name_version_architecture
        return [self._do('repo', 'move', 'rollout', 'production', *packages),
                *(self._publish('update', stage, best) for stage in STAGES)]

    def admit(self, directory, best):
        return [self._do('repo', 'add', 'new', directory), self._publish('repo', 'new', best)]


ALL = (Createrepo, Reprepro, Aptly)
