# SPDX-License-Identifier: GPL-3.0-or-later
"""A depot for one test, worked on by the sluice program as its users do."""

import copy
import json
import pathlib
import re
import shutil
import socket
import tempfile

import agents
import program
import samples


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Depot:
    """Has a key of its own and trusts samples.provider(). `port` is where its public URL points."""

    def __init__(self, parent=None, public=True, key_type='rsa3072'):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-', dir=parent))
        self.path = self.scratch / 'depot'
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        program.must(program.SLUICE, 'init', self.path, '--line', 'umd5',
                     '--generate-key', 'Sample Depot <depot@example.org>', '--key-type', key_type,
                     *(('--public-url', self.url) if public else ()))
        keys = self.path / 'provider-keys'
        keys.mkdir(exist_ok=True)
        (keys / 'lumen.asc').write_bytes(samples.provider().public())

    def close(self):
        agents.end_below(self.scratch)
        shutil.rmtree(self.scratch)

    def clone(self):
        """A copy with a directory of its own, whose agent runs already."""
        twin = copy.copy(self)
        twin.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-'))
        twin.path = twin.scratch / 'depot'
        program.must('cp', '-a', self.path, twin.path)
        program.must('gpg-connect-agent', '--homedir', twin.path / 'gnupg', '/bye')
        return twin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def public(self):
        return self.path / 'public'

    def command(self, verb, *arguments):
        return (str(program.SLUICE), verb, *map(str, arguments), '--depot', str(self.path))

    def run(self, verb, *arguments, **more):
        return program.run(*self.command(verb, *arguments), **more)

    def must(self, verb, *arguments, **more):
        return program.must(*self.command(verb, *arguments), **more)

    def json(self, verb, *arguments, **more):
        """What the command says with --json; it must succeed."""
        return json.loads(self.must(verb, *arguments, '--json', **more).out)

    def admit(self, product, **more):
        """Admits a bundle of `product` and returns the release's id."""
        return self.json('admit', samples.bundle_of(product, **more))['release']

    def publish(self, product, stage='production', **more):
        """Admits `product` and promotes it as far as `stage`."""
        release = self.admit(product, **more)
        self.promote(release, 'stage-rollout')
        if stage == 'production':
            self.promote(release, 'production')
        return release

    def promote(self, release, stage):
        self.must('promote', release, '--to', stage)

    def client_file(self, stage, platform, mirrors=True, enable=True, release=None):
        """The .repo or .sources text of `sluice client`; without `mirrors`, by baseurl."""
        text = self.must('client', stage, '--platform', platform,
                         *(('--release', release) if release else ())).out
        if not mirrors:
            text = re.sub(r'^mirrorlist=(.*)/mirrorlist$', r'baseurl=\1', text, flags=re.MULTILINE)
        if enable:
            # Not the source repository, which is a section of its own.
            text = re.sub(r'(\[\S+(?<!-source)\]\n(?:.+\n)*?)enabled=0\n', r'\1enabled=1\n', text)
            text = re.sub(r'^Enabled: no$', 'Enabled: yes', text, flags=re.MULTILINE)
        return text

    def standing(self):
        """{release id: stage} of every release that stands somewhere."""
        return {row['release']: row['stage'] for row in self.json('list')['releases']}

    def generation(self):
        """The number of the generation that is published now."""
        return int((self.public / 'current').readlink().name)

    def leftovers(self):
        """What a command left in the scratch directory; nothing, if all is well."""
        return sorted(str(p.relative_to(self.path)) for p in (self.path / 'work').rglob('*'))
