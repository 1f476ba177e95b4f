# SPDX-License-Identifier: GPL-3.0-or-later
"""admit: packages of a bundle become an installable, signed repository. Each turn begins with nothing."""

import shutil

import measure
import peers
import sluice

KINDS = {'yum': 'rpm', 'apt': 'deb'}


class Admit:
    def __init__(self, options, corpus, size):
        self._options, self._size = options, min(size, sluice.LARGEST_BUNDLE)
        self._packages = {form: corpus.base(form, self._size) for form in KINDS.values()}
        self._scratch = options.scratch / f'admit-{size}'

    def results(self):
        """{name: [Cost]}"""
        costs = {}
        for turn in range(self._options.turns):
            directory = self._scratch / str(turn)
            directory.mkdir(parents=True)
            for kind, form in KINDS.items():
                self._turn(directory / kind, kind, form, costs)
        # Not sooner: for some seconds ext4 makes new files slowly where many were deleted.
        shutil.rmtree(self._scratch)
        return costs

    def _turn(self, directory, kind, form, costs):
        directory.mkdir()
        depot = sluice.Depot(self._options.program, directory)
        bundle = depot.bundle('all', 1, self._packages[form])
        costs.setdefault(f'sluice, {kind}', []).append(
            measure.cost([depot.command('admit', bundle)], depot.path))
        depot.close()
        keyring = peers.Keyring(directory / 'keyring')
        for Peer in peers.ALL:
            if Peer.form != form:
                continue
            for name, best in Peer.names():
                peer = Peer(directory / f'{Peer.tool}-{best}', keyring)
                costs.setdefault(name, []).append(peer.cost(peer.admit(bundle, best)))
        keyring.close()
