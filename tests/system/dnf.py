# SPDX-License-Identifier: GPL-3.0-or-later
"""The real dnf with an install root of its own. What it did is counted, not believed: dnf may end with
status 0 after it left out a repository."""

import pathlib
import shutil
import tempfile

import agents
import program

CONFIG = '''\
[main]
reposdir={scratch}/repos
cachedir={scratch}/cache
persistdir={scratch}/persist
logdir={scratch}/log
skip_if_unavailable=0
install_weak_deps=0
tsflags=noscripts
best=1
'''


class Dnf:
    name = 'dnf'
    command = ('dnf',)
    anew = '--refresh'
    every_version = ('--showduplicates',)

    def __init__(self, repo_files, architecture='x86_64'):
        """`repo_files` are texts of .repo files, as `sluice client` prints them."""
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-dnf-'))
        self.root = self.scratch / 'root'
        # Debian's rpm keeps its database in HOME, below the root.
        self.environment = program.environment(HOME=str(self.scratch))
        self.root.mkdir()
        self.repos = self.scratch / 'repos'
        self.repos.mkdir()
        self.architecture = architecture
        self.config = self.scratch / 'dnf.conf'
        self.config.write_text(CONFIG.format(scratch=self.scratch))
        for number, text in enumerate(repo_files):
            (self.repos / f'{number}.repo').write_text(text)

    def close(self):
        agents.end_below(self.scratch)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, *arguments):
        return program.client(*self.command, '--assumeyes', '--quiet', '--noplugins', f'--config={self.config}',
                           f'--installroot={self.root}', '--releasever=9',
                           f'--forcearch={self.architecture}', *arguments,
                           env=self.environment)

    def must(self, *arguments):
        return program.succeeded(self.run(*arguments))

    def refresh(self):
        """Fetches the metadata anew, checking signatures; the result tells whether that went well."""
        return self.run(self.anew, 'makecache')

    def offered(self, *names):
        """{(name, version)} of everything the repositories have (of `names`), after a refresh."""
        out = self.must(self.anew, 'repoquery', '--available', *self.every_version,
                        '--queryformat', '%{name} %{version}\\n', *names).out
        return {tuple(line.split()) for line in out.splitlines() if len(line.split()) == 2}

    def candidate(self, name):
        """The version that an installation takes; None if none is offered."""
        out = self.must(self.anew, 'repoquery', '--available', '--latest-limit=1',
                        '--queryformat', '%{version}\\n', name).out.split()
        return out[0] if out else None

    def install(self, *names):
        self.must(self.anew, 'install', *names)

    def install_as_known(self, *names):
        """With the metadata of the last refresh."""
        self.must('install', *names)

    def downgrade(self, name, version):
        self.must(self.anew, 'downgrade', f'{name}-{version}')

    def upgrade(self):
        self.must(self.anew, 'upgrade')

    def synchronise(self):
        """Makes the installed versions those that are offered, downwards too."""
        self.must(self.anew, 'distro-sync')

    def installed(self):
        """{name: version}, asked of rpm itself, for files on disk."""
        out = program.must_client('rpm', '--root', self.root, '-qa', '--queryformat',
                           '%{NAME} %{VERSION}\\n', env=self.environment).out
        return dict(line.split() for line in out.splitlines() if not line.startswith('gpg-pubkey'))

    def file(self, path):
        return (self.root / path.lstrip('/')).read_text()


class Dnf5(Dnf):
    """The one after it, where its options differ."""
    name = 'dnf5'
    command = ('dnf5', '--use-host-config')  # or it looks for repositories below the install root
    anew = '--setopt=*.metadata_expire=0'  # with an install root --refresh asks for nothing
    every_version = ()
