# SPDX-License-Identifier: GPL-3.0-or-later
"""move: 20 packages go from one stage to the next, in stages of a given size.

The stages have no other package in common and every turn moves another update, so that no shard of an index
that a turn has to make is in sluice's cache because of an earlier turn or of the other stage.
"""

import re
import shutil

import measure
import peers
import sluice

KINDS = {'yum': ('rpm',), 'apt': ('deb',), 'both': ('rpm', 'deb')}


class Move:
    def __init__(self, options, corpus, size):
        self._options, self._corpus, self._size = options, corpus, size
        self._scratch = options.scratch / f'move-{size}'
        self._scratch.mkdir()
        self._next = {form: 0 for form in ('rpm', 'deb')}

    def results(self):
        """{name: [Cost]}, of which `sluice yum` is compared with rpm tools and so on."""
        ours, theirs = self._sluice(), self._peers()
        costs = {}
        for _ in range(self._options.turns):
            for name, measured in (*ours, *theirs):
                costs.setdefault(name, []).append(measured())
        instructions = self._instructions()
        self._end()
        return costs, instructions

    def _stage(self, form, stage):
        return self._corpus.base(form, self._size, 0 if stage == 'production' else self._size)

    def _update(self, form):
        self._next[form] += 1
        return self._corpus.update(form, self._next[form] - 1, self._size)

    def _sluice(self):
        production, rollout = ([path for form in ('rpm', 'deb') for path in self._stage(form, stage)]
                               for stage in ('production', 'rollout'))
        # One turn more for the count of instructions.
        turns = self._options.turns + 1
        updates = [[path for form in forms for path in self._update(form)]
                   for forms in KINDS.values() for _ in range(turns)]
        self._depot = sluice.Depot(self._options.program, self._scratch)
        releases = self._depot.fill(production, rollout, updates)
        self._waiting = {kind: releases[i * turns:(i + 1) * turns] for i, kind in enumerate(KINDS)}
        return [(f'sluice, {kind}', lambda kind=kind: self._promoted(kind)) for kind in KINDS]

    def _promoted(self, kind):
        self._depot.forget()
        return measure.cost([self._promotion(kind)], self._depot.path)

    def _promotion(self, kind):
        return self._depot.command('promote', self._waiting[kind].pop(0), '--to', 'production')

    def _peers(self):
        """Peers are filled with as many updates as they will move."""
        self._keyring = peers.Keyring(self._scratch / 'keyring')
        measured = []
        for Peer in peers.ALL:
            ways = Peer.names()
            updates = [self._update(Peer.form) for _ in range(self._options.turns * len(ways))]
            peer = Peer(self._scratch / Peer.tool, self._keyring)
            peer.fill(self._stage(Peer.form, 'production'),
                      [*self._stage(Peer.form, 'rollout'), *(path for update in updates for path in update)])
            for name, best in ways:
                measured.append((name, lambda peer=peer, updates=updates, best=best:
                                 peer.cost(peer.move(updates.pop(), best))))
        return measured

    def _instructions(self):
        """{kind: instructions} of sluice's own process; those of gpg do not depend on the size."""
        if not self._options.instructions or not shutil.which('valgrind'):
            return {}
        counted = {}
        for kind in KINDS:
            self._depot.forget()
            out = measure.run('valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
                              *self._promotion(kind))
            # What it forks counts too, each under its own number, until it becomes gpg.
            own = re.search(r'^==(\d+)==', out, re.MULTILINE)[1]
            counted[kind] = int(re.search(rf'^=={own}== Collected : (\d+)', out, re.MULTILINE)[1])
        return counted

    def _end(self):
        self._depot.close()
        self._keyring.close()
        shutil.rmtree(self._scratch)
