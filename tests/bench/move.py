# SPDX-License-Identifier: GPL-3.0-or-later
"""move: 20 packages go from one stage to the next, in stages of a given size.

The stages have no other package in common and every turn moves another update, so that no shard of an index
that a turn has to make is in sluice's cache because of an earlier turn or of the other stage. Indexes are in the order
of arrival, so stage-rollout is filled part by part, and where the 20 packages stand in it is one of PLACES.
"""

import re
import shutil

import clients
import clock
import compare
import measure
import peers
import sluice
import writer

KINDS = {'yum': ('rpm',), 'apt': ('deb',), 'both': ('rpm', 'deb')}
PLACES = {'newest': 'the newest', 'middle': 'from the middle',
          'scattered': 'scattered over 20 releases (the worst case)'}
PARTS = 20  # of what else stands in stage-rollout


def _counted(calls):
    """Instructions by kind. SHA-256 is what libcrypto's most expensive function does."""
    listing = measure.run('callgrind_annotate', '--threshold=100', '--auto=no', calls)
    total = int(re.search(r'([\d,]+) \(100\.0%\) +PROGRAM TOTALS', listing)[1].replace(',', ''))
    crypto = [int(cost.replace(',', '')) for cost in re.findall(r'([\d,]+) \([ \d.]+%\) .*libcrypto', listing)]
    return {'total': total, 'sha256': max(crypto, default=0)}


def _arrivals(place, rollout, updates):
    """[[(name, packages) of releases that arrive together]]. What is moved first arrives last: the newest is moved."""
    parts = [[(f'part{number}-', rollout[number::PARTS])] for number in range(PARTS)]
    if place == 'scattered':
        return [part + [(f'update{turn}-{number}-', update[number::PARTS]) for turn, update in enumerate(updates)]
                for number, part in enumerate(parts)]
    alone = [[(f'update{turn}-', update)] for turn, update in enumerate(updates)]
    at = PARTS if place == 'newest' else PARTS // 2
    return [*parts[:at], *reversed(alone), *parts[at:]]


class Move:
    def __init__(self, options, corpus, size, place, progress):
        self._options, self._corpus, self._size, self._place = options, corpus, size, place
        self._progress = progress
        self._scratch = options.scratch / f'move-{size}-{place}'
        self._scratch.mkdir()
        self._next = {form: 0 for form in ('rpm', 'deb')}
        self._progress('  filling the depot')
        self._ours = self._sluice()

    def results(self, with_peers):
        """{name: [Cost]}, of which `sluice yum` is compared with rpm tools and so on; and instructions."""
        theirs = self._peers() if with_peers else []
        costs = {}
        for turn in range(self._options.turns):
            for name, measured in (*self._ours, *theirs):
                self._progress(f'  turn {turn + 1}, {name}')
                costs.setdefault(name, []).append(measured())
        if theirs:
            self._keyring.close()
        return costs, self._instructions()

    def beside_writer(self):
        """({name: [Cost]}, MB/s that another process wrote meanwhile)"""
        costs = {}
        with writer.Writer(self._scratch / 'writer') as other:
            for turn in range(self._options.turns):
                for kind in KINDS:
                    self._progress(f'  turn {turn + 1}, {kind} beside a writer')
                    costs.setdefault(f'sluice, {kind}, beside', []).append(self._promoted(kind, quiet=False))
            return costs, other.rate()

    def compare(self):
        """What production says of its packages, beside what other tools say of them."""
        self._progress('  comparing')
        depot = self._depot
        root = depot.path / 'public/production/bench'
        with clients.of_depot(depot) as machines:
            return compare.compared({'yum': root / 'el9/x86_64', 'apt': root / 'debian12'}, machines,
                                    self._scratch / 'compared')

    def close(self):
        self._depot.close()
        shutil.rmtree(self._scratch)

    def _stage(self, form, stage):
        return self._corpus.base(form, self._size, 0 if stage == 'production' else self._size)

    def _update(self, form):
        self._next[form] += 1
        return self._corpus.update(form, self._next[form] - 1, self._size)

    def _sluice(self):
        production, rollout = ([path for form in ('rpm', 'deb') for path in self._stage(form, stage)]
                               for stage in ('production', 'rollout'))
        # One turn more for the count of instructions.
        turns = self._options.turns * (2 if self._options.beside_writer else 1) + self._options.instructions
        moved = [kind for _ in range(turns) for kind in KINDS]
        updates = [[path for form in KINDS[kind] for path in self._update(form)] for kind in moved]
        # Days ago, so that what a turn finds is not what the filling has left behind.
        with clock.at('-10d'):
            self._depot = sluice.Depot(self._options.program, self._scratch)
            releases = self._depot.fill(production, _arrivals(self._place, rollout, updates))
        self._depot.forget()
        self._waiting = {kind: [] for kind in KINDS}
        for turn, kind in enumerate(moved):
            self._waiting[kind].append([one for name, ids in releases.items() if name.startswith(f'update{turn}-')
                                        for one in ids])
        return [(f'sluice, {kind}', lambda kind=kind: self._promoted(kind)) for kind in KINDS]

    def _promoted(self, kind, quiet=True):
        return measure.cost([self._promotion(kind)], self._depot.path, quiet=quiet)

    def _promotion(self, kind):
        return self._depot.command('promote', *self._waiting[kind].pop(0), '--to', 'production')

    def _peers(self):
        """Peers are filled with as many updates as they will move."""
        self._keyring = peers.Keyring(self._scratch / 'keyring')
        measured = []
        for Peer in peers.ALL:
            ways = Peer.names(self._size)
            if not ways:
                continue
            updates = [self._update(Peer.form) for _ in range(self._options.turns * len(ways))]
            self._progress(f'  filling {Peer.tool}')
            peer = Peer(self._scratch / Peer.tool, self._keyring)
            peer.fill(self._stage(Peer.form, 'production'),
                      [*self._stage(Peer.form, 'rollout'), *(path for update in updates for path in update)])
            for name, best in ways:
                measured.append((name, lambda peer=peer, updates=updates, best=best:
                                 peer.cost(peer.move(updates.pop(), best))))
        return measured

    def _instructions(self):
        """{kind: Instructions} of sluice's own process; those of gpg do not depend on the size."""
        if not self._options.instructions or not shutil.which('valgrind'):
            return {}
        counted = {}
        for kind in KINDS:
            self._progress(f'  counting instructions, {kind}')
            # What it forks counts too, each under its own number, until it becomes gpg.
            out = measure.run('valgrind', '--tool=callgrind', f'--callgrind-out-file={self._scratch}/calls.%p',
                              *self._promotion(kind))
            own = re.search(r'^==(\d+)==', out, re.MULTILINE)[1]
            counted[kind] = _counted(self._scratch / f'calls.{own}')
        return counted
