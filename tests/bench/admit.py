# SPDX-License-Identifier: GPL-3.0-or-later
"""admit: packages of a bundle become an installable, signed repository. Each turn begins with nothing."""

import shutil

import measure
import peers
import sluice

KINDS = {'rpm': 'yum', 'deb': 'apt'}


class Admit:
    def __init__(self, options, name, packages):
        """`packages` are paths by form; one bundle is made of each form."""
        self._options, self._packages = options, packages
        self._scratch = options.scratch / f'admit-{name}'

    def results(self):
        """{name: [Cost]}"""
        costs = {}
        for turn in range(self._options.turns):
            for form, packages in self._packages.items():
                directory = self._scratch / str(turn) / form
                directory.mkdir(parents=True)
                self._turn(directory, form, packages, costs)
        # Not sooner: for some seconds ext4 makes new files slowly where many were deleted.
        shutil.rmtree(self._scratch)
        return costs

    def _turn(self, directory, form, packages, costs):
        depot = sluice.Depot(self._options.program, directory)
        bundle = depot.bundle('all', 1, packages)
        costs.setdefault(f'sluice, {KINDS[form]}', []).append(
            measure.cost([depot.command('admit', bundle)], depot.path, bundle=bundle))
        depot.close()
        keyring = peers.Keyring(directory / 'keyring')
        for Peer in peers.ALL:
            if Peer.form != form:
                continue
            for name, best in Peer.names(len(packages)):
                peer = Peer(directory / f'{Peer.tool}-{best}', keyring)
                costs.setdefault(name, []).append(peer.cost(peer.admit(bundle, best), bundle))
        keyring.close()
