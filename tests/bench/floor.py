# SPDX-License-Identifier: GPL-3.0-or-later
"""floor: what a promotion of both formats cannot go below: its signatures and their check, and nothing else.

Two stages change, so there are two repomd.xml and two Release files, each of these signed twice: six signatures.
Each is made by one gpg, the agent being awake, and checked by one gpgv that knows one key, all at once.
"""

import pathlib
import subprocess

import measure

KEYS = {'ed25519': 'ed25519', 'rsa3072': 'rsa3072'}
DETACHED, CLEAR = '--detach-sign', '--clear-sign'
TOPS = {'repomd': (DETACHED,), 'release': (DETACHED, CLEAR)}
SIZE = 3000  # bytes of a top, about


class Floor:
    def __init__(self, options, progress):
        self._scratch = options.scratch / 'floor'
        self._scratch.mkdir()
        self._turns = options.turns
        self._progress = progress

    def results(self):
        """{name of the key: [Cost]}"""
        costs = {}
        for name, algorithm in KEYS.items():
            home = self._home(algorithm)
            script = self._script(home)
            for turn in range(self._turns):
                self._progress(f'  turn {turn + 1}, {name}')
                costs.setdefault(name, []).append(measure.cost([('sh', script)], self._scratch))
            measure.run('gpgconf', '--homedir', home, '--kill', 'all')
        return costs

    def _home(self, algorithm):
        home = self._scratch / algorithm
        home.mkdir(mode=0o700)
        gpg = ('gpg', '--homedir', home, '--batch', '--quiet')
        measure.run(*gpg, '--passphrase', '', '--quick-generate-key', f'{algorithm} <bench@example.org>', algorithm,
                    'sign', 'never')
        key = subprocess.run([*map(str, gpg), '--export'], stdout=subprocess.PIPE, check=True).stdout
        (home / 'trusted.gpg').write_bytes(key)
        return home

    @staticmethod
    def _script(home):
        """Signs all tops side by side, then checks all."""
        sign, check = [], []
        for stage in ('stage-rollout', 'production'):
            for top, forms in TOPS.items():
                text = home / f'{stage}-{top}'
                text.write_text(f'{stage} {top}\n' + 'of a file this line says size and digest\n' * (SIZE // 41))
                for form in forms:
                    signature = f'{text}{form}'
                    sign.append(f'gpg --homedir {home} --batch --quiet --yes {form} -o {signature} {text} &')
                    signed = f'{signature} {text}' if form == DETACHED else signature
                    check.append(f'gpgv --quiet --keyring {home}/trusted.gpg {signed} 2>/dev/null &')
        script = home / 'floor.sh'
        script.write_text('\n'.join([*sign, 'wait', *check, 'wait', '']))
        return pathlib.Path(script)
