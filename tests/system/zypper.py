# SPDX-License-Identifier: GPL-3.0-or-later
"""The real zypper with a root of its own; the third family of clients."""

import pathlib
import shutil
import tempfile

import agents
import program


class Zypper:
    name = 'zypper'

    def __init__(self, repo_files):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-zypper-'))
        self.root = self.scratch / 'root'
        # Debian's rpm keeps its database in HOME, below the root.
        configuration = self.scratch / 'zypp.conf'
        # libzypp takes a mirror list for good for ten minutes, even when told to refresh.
        configuration.write_text('[main]\nrepo.refresh.delay = 0\n')
        self.environment = program.environment(HOME=str(self.scratch), ZYPP_CONF=str(configuration))
        repos = self.root / 'etc/zypp/repos.d'
        repos.mkdir(parents=True)
        for number, text in enumerate(repo_files):
            (repos / f'{number}.repo').write_text(text)

    def close(self):
        agents.end_below(self.scratch)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, *arguments):
        return program.client('zypper', '--root', self.root, '--non-interactive',
                           '--gpg-auto-import-keys', *arguments,
                           env=self.environment)

    def must(self, *arguments):
        return program.succeeded(self.run(*arguments))

    def refresh(self):
        return self.run('refresh', '--force')

    def _search(self, name):
        """Rows of `zypper search --details`: (name, version-release)."""
        out = self.run('--no-refresh', 'search', '--details', '--match-exact', name).out
        rows = [[cell.strip() for cell in line.split('|')] for line in out.splitlines()]
        return {(row[1], row[3]) for row in rows
                if len(row) == 6 and row[1] == name and row[5] != '(System Packages)'}

    def offered(self, *names):
        self.must('refresh', '--force')
        return {(name, version.rsplit('-', 1)[0])
                for wanted in names for name, version in self._search(wanted)}

    def install(self, *names):
        self.must('refresh', '--force')
        self.must('install', '--no-recommends', *names)

    def install_as_known(self, *names):
        """With the metadata of the last refresh."""
        self.must('--no-refresh', 'install', '--no-recommends', *names)

    def downgrade(self, name, version):
        self.must('refresh', '--force')
        self.must('install', '--oldpackage', f'{name}={version}')

    def upgrade(self):
        self.must('refresh', '--force')
        self.must('update')

    def synchronise(self):
        self.must('refresh', '--force')
        self.must('dist-upgrade', '--allow-downgrade')

    def installed(self):
        out = program.must_client('rpm', '--root', self.root, '-qa', '--queryformat',
                           '%{NAME} %{VERSION}\\n', env=self.environment).out
        return dict(line.split() for line in out.splitlines() if not line.startswith('gpg-pubkey'))

    def file(self, path):
        return (self.root / path.lstrip('/')).read_text()
