# SPDX-License-Identifier: GPL-3.0-or-later
"""sluice in a benchmark: whole processes, with everything on, as an operator runs them."""

import os
import pathlib
import re
import shutil

import measure

LARGEST_BUNDLE = 18_000  # packages; a bundle has at most 20,000 members
TARGETS = {'rpm': ('el9/x86_64', 'yum'), 'deb': ('debian12/amd64', 'deb')}

DESCRIPTOR = '''<?xml version="1.0" encoding="UTF-8"?>
<Release>
  <DistributionName>{name}</DistributionName>
  <DistributionShortName>{name}</DistributionShortName>
  <TechnologyProvider>Benchmark</TechnologyProvider>
  <Contact>release@example.org</Contact>
  <Description>Packages for a benchmark</Description>
  <Keywords>benchmark</Keywords>
  <DocumentationLinks><DocumentationLink>https://example.org/</DocumentationLink></DocumentationLinks>
  <ISODate>20260101</ISODate>
  <MajorVersion>{version}</MajorVersion><MinorVersion>0</MinorVersion><RevisionVersion>0</RevisionVersion>
  <ReleaseNotes>none</ReleaseNotes>
  <ChangeLog>none</ChangeLog>
  <Repositories>{repositories}</Repositories>
</Release>
'''


def line(number):
    return f'bench{number or ""}'


class Depot:
    """One depot, with one platform of each format and one architecture, as the peers have."""

    def __init__(self, program, scratch, public_url='', lines=1):
        self._program = program
        self._scratch = pathlib.Path(scratch)
        self.path = self._scratch / 'depot'
        measure.run(program, 'init', self.path, '--line', line(0), '--allow-unsigned', '--key-type', 'ed25519',
                    '--generate-key', 'Benchmark <bench@example.org>',
                    *(('--public-url', public_url) if public_url else ()))
        configuration = self.path / 'sluice.toml'
        text = configuration.read_text()
        text = text.replace('["x86_64", "aarch64"]', '["x86_64"]').replace('["amd64", "arm64"]', '["amd64"]')
        first = re.search(r'^\[\[line\]\]\n(.+\n)+\n', text, re.MULTILINE)[0]
        text = text.replace(first, ''.join(first.replace(f'"{line(0)}"', f'"{line(one)}"') for one in range(lines)))
        configuration.write_text(text)

    def bundle(self, name, version, packages):
        """A directory with hard links to the packages."""
        directory = self._scratch / f'bundle-{name}-{version}'
        forms = sorted({path.suffix[1:] for path in packages})
        for form in forms:
            (directory / TARGETS[form][0]).mkdir(parents=True)
        for path in packages:
            os.link(path, directory / TARGETS[path.suffix[1:]][0] / path.name)
        (directory / 'release.xml').write_text(DESCRIPTOR.format(
            name=name, version=version, repositories=''.join(self._repository(form) for form in forms)))
        return directory

    @staticmethod
    def _repository(form):
        path, kind = TARGETS[form]
        return (f'<Repository><Identifier>{form}</Identifier><Name>{form}</Name><Type>{kind}</Type>'
                f'<RelativePath>{path}</RelativePath></Repository>')

    def command(self, *arguments):
        return (self._program, *arguments, '--depot', self.path)

    def admit(self, name, version, packages):
        """Admits packages, in as many releases as it takes; returns their ids."""
        releases = []
        for begin in range(0, len(packages), LARGEST_BUNDLE):
            part = f'{name}{begin // LARGEST_BUNDLE}'
            directory = self.bundle(part, version, packages[begin:begin + LARGEST_BUNDLE])
            measure.run(*self.command('admit', directory))
            shutil.rmtree(directory)
            releases.append(f'{part}-{version}.0.0')
        return releases

    def fill(self, production, arrivals):
        """Fills production, then stage-rollout; returns {name: ids}.

        `arrivals` are [[(name, packages) of those that come to stage-rollout together]].
        """
        self.promote(self.admit('production', 1, production), 'stage-rollout', 'production')
        releases = {}
        for arrival in arrivals:
            came = {name: self.admit(name, 1, packages) for name, packages in arrival}
            self.promote([one for ids in came.values() for one in ids], 'stage-rollout')
            releases |= came
        return releases

    def forget(self):
        """Leaves what the present stages are made of, in the cache too, and nothing of earlier ones."""
        shutil.rmtree(self.path / 'fragments')
        for command in ('refresh', 'gc'):
            measure.run(*self.command(command))

    def close(self):
        measure.run('gpgconf', '--homedir', self.path / 'gnupg', '--kill', 'all')

    def promote(self, releases, *stages):
        for stage in stages:
            measure.run(*self.command('promote', *releases, '--to', stage))
