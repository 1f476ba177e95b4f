# SPDX-License-Identifier: GPL-3.0-or-later
"""The real apt with directories of its own. It downloads and checks; dpkg-deb unpacks into a root, so
that nothing of the machine's own packages is touched."""

import pathlib
import re
import shutil
import tempfile

import clock
import program

# A build machine may have switched both checks off, and an expired repository would "pass".
CHECKED = ('-o', 'Acquire::Check-Valid-Until=true', '-o', 'Acquire::Check-Date=true')


def _planned(plan):
    """[(name, version)] that a simulation says it would install."""
    return re.findall(r'^Inst (\S+) (?:\[\S+\] )?\((\S+)', plan, re.MULTILINE)


class Apt:
    name = 'apt'

    def __init__(self, source_files, architecture='amd64', keys=()):
        """`source_files` are texts of .sources files; `keys` are {path in Signed-By: key text}."""
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-apt-'))
        self.root = self.scratch / 'root'
        for name in ('root', 'etc/apt/sources.list.d', 'etc/apt/preferences.d',
                     'etc/apt/apt.conf.d', 'state/lists/partial', 'cache/archives/partial',
                     'keyrings', 'download'):
            (self.scratch / name).mkdir(parents=True)
        self.status = self.scratch / 'status'
        self.status.write_text('')
        self.architecture = architecture
        self.environment = program.environment(HOME=str(self.scratch), TMPDIR=str(self.scratch))
        for number, text in enumerate(source_files):
            for path, key in dict(keys).items():
                own = self.scratch / 'keyrings' / pathlib.Path(path).name
                own.write_text(key)
                text = text.replace(path, str(own))
            (self.scratch / f'etc/apt/sources.list.d/{number}.sources').write_text(text)

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def at(self, time):
        """From now on the machine's clock is off by `time`, such as "+20d"."""
        self.environment.update(clock.shifted(time))

    def run(self, tool, *arguments):
        own = self.scratch
        # APT_CONFIG is read before the machine's configuration, so what must hold is given again.
        return program.client(
            tool, '-o', f'Dir={own}', '-o', f'Dir::Etc={own}/etc/apt', '-o', f'Dir::State={own}/state',
            '-o', f'Dir::State::status={self.status}', '-o', f'Dir::Cache={own}/cache',
            '-o', 'APT::Sandbox::User=', '-o', f'APT::Architecture={self.architecture}',
            '-o', f'APT::Architectures={self.architecture}', '-o', 'Acquire::Languages=none',
            '-o', 'Acquire::Retries=0', *CHECKED, *arguments, cwd=own / 'download',
            env=self.environment)

    def must(self, tool, *arguments):
        return program.succeeded(self.run(tool, *arguments))

    def refresh(self):
        """apt-get ends with 0 after failed downloads unless told otherwise."""
        return self.run('apt-get', 'update', '--error-on=any')

    def _refreshed(self):
        program.succeeded(self.refresh())

    def offered(self, *names):
        self._refreshed()
        out = self.run('apt-cache', 'madison', *names).out
        rows = [[cell.strip() for cell in line.split('|')] for line in out.splitlines()]
        return {(row[0], row[1].rsplit('-', 1)[0]) for row in rows if len(row) == 3}

    def candidate(self, name):
        self._refreshed()
        found = re.search(r'Candidate: (\S+)', self.run('apt-cache', 'policy', name).out)
        return None if not found or found[1] == '(none)' else found[1].rsplit('-', 1)[0]

    def install(self, *names):
        """Downloads with apt, checks included, and unpacks; then apt takes the packages for installed."""
        self._refreshed()
        self.install_as_known(*names)

    def install_as_known(self, *names):
        """With the metadata of the last refresh."""
        self._take(_planned(self.must('apt-get', '--simulate', 'install', *names).out))

    def downgrade(self, name, version):
        self._refreshed()
        self._take(_planned(self.must('apt-get', '--simulate', '--allow-downgrades', 'install',
                                      f'{name}={version}-1').out))

    def upgrade(self):
        self._refreshed()
        self._take(_planned(self.must('apt-get', '--simulate', 'dist-upgrade').out))

    def synchronise(self):
        """apt goes down only where a pin allows it; the site's administrator writes that pin."""
        pin = self.scratch / 'etc/apt/preferences.d/synchronise'
        pin.write_text('Package: *\nPin: release o=sluice\nPin-Priority: 1001\n')
        self._refreshed()
        self._take(_planned(self.must('apt-get', '--simulate', '--allow-downgrades',
                                      'dist-upgrade').out))
        pin.unlink()

    def _take(self, packages):
        for name, version in packages:
            name = name.partition(':')[0]
            self.must('apt-get', 'download', f'{name}={version}')
            deb, = (self.scratch / 'download').glob('*.deb')
            program.must('dpkg-deb', '-x', deb, self.root)
            control = program.must('dpkg-deb', '--field', deb).out
            deb.unlink()
            others = [stanza for stanza in self.status.read_text().split('\n\n')
                      if stanza.strip() and not stanza.startswith(f'Package: {name}\n')]
            ours = control.strip().replace('\n', '\nStatus: install ok installed\n', 1)
            self.status.write_text('\n\n'.join([*(s.strip('\n') for s in others), ours]) + '\n\n')

    def installed(self):
        stanzas = self.status.read_text()
        return dict(re.findall(r'^Package: (\S+)\n(?:.+\n)*?Version: (\S+)-\d+$', stanzas, re.MULTILINE))

    def file(self, path):
        return (self.root / path.lstrip('/')).read_text()
