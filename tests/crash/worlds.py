# SPDX-License-Identifier: GPL-3.0-or-later
"""Small depots in which a command has something to do, made once; each run works on a copy.

They are made as if 20 days ago, so that gc finds what is old enough to go.
"""

import dataclasses
import functools
import pathlib
import shutil
import tempfile

import agents
import clock
import program
import samples
from depot import Depot

ROOM = 500 << 20  # bytes that a sweep may need
HERE = pathlib.Path(__file__).resolve().parent


def scratch_place():
    """In memory, where there is room: what others write to the disk would make each flush wait."""
    memory = pathlib.Path('/dev/shm')
    if memory.is_dir() and shutil.disk_usage(memory).free > ROOM:
        return memory
    return pathlib.Path(tempfile.gettempdir())


@dataclasses.dataclass(frozen=True)
class World:
    """A command and the depot it works on. `expected` is the standing that it leads to, `before` that
    which it finds; `settle` is the command that has to be possible afterwards."""
    name: str
    depot: pathlib.Path
    words: tuple
    before: dict
    after: dict
    settle: tuple


def copy(source, target):
    program.run('rm', '-rf', target)
    program.must('cp', '-a', source, target)


class Workshop:
    """Makes the worlds, and the tool that makes calls fail."""

    def __init__(self, parent=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='sluice-crash-', dir=parent or scratch_place()))
        self.home = self.directory / 'gnupg'
        self.tool = self.directory / 'fault'
        program.must('c++', '-std=c++20', '-O1', '-I', HERE.parent.parent, '-o', self.tool,
                     HERE / 'fault.cpp', HERE / 'call.cpp', timeout=600)
        with clock.at('-20d'):
            self.base()
        program.must('gpg-connect-agent', '--homedir', self.home, '/bye')
        # For gc there is much to do; the others have less to copy.
        self.old = self.clone('old')
        program.must(*self.command(self.depot, ('gc',)))

    def close(self):
        agents.end_below(self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def base(self):
        """beacon is in production, buoy and jetty wait before it, quay is unverified, reef was deprecated."""
        depot = Depot(parent=self.directory, key_type='ed25519')
        self.reef = depot.publish(samples.small('reef'))
        self.beacon = depot.publish(samples.small('beacon'))
        self.earlier = depot.generation()
        self.buoy = depot.publish(samples.small('buoy'), 'stage-rollout')
        self.jetty = depot.publish(samples.small('jetty'), 'stage-rollout')
        self.quay = depot.admit(samples.small('quay'))
        depot.must('deprecate', self.reef, '--reason', 'old')
        self.pier = samples.bundle_of(samples.small('pier'))
        self.started = depot.standing()
        agents.end_below(self.directory)
        (depot.path / 'gnupg').rename(self.home)
        settings = depot.path / 'sluice.toml'
        settings.write_text(settings.read_text().replace('valid_days = 14', 'valid_days = 90')
                            .replace('home = "gnupg"', f'home = "{self.home}"'))
        depot.must('refresh')
        self.depot = depot.path

    def clone(self, name):
        target = self.directory / name
        copy(self.depot, target)
        return target

    def command(self, depot, words):
        return (str(program.SLUICE), *map(str, words), '--depot', str(depot))

    def fault(self, depot, words, *options):
        """Runs the command with one of its calls failing."""
        return program.run(self.tool, '--below', depot, *options, *self.command(depot, words), timeout=300)

    @functools.cached_property
    def worlds(self):
        """Every command that writes, and recovery after each kind of end that one can have."""
        start = self.started
        moved = {**start, self.buoy: 'production'}
        commands = {
            'admit': (('admit', self.pier), {**start, 'pier-1.0.0': 'unverified'}),
            'promote': (('promote', self.buoy, '--to', 'production'), moved),
            'promote-several': (('promote', self.buoy, self.jetty, '--to', 'production'),
                                {**moved, self.jetty: 'production'}),
            'reject': (('reject', self.quay, '--reason', 'no'),
                       {k: v for k, v in start.items() if k != self.quay}),
            'deprecate': (('deprecate', self.beacon, '--reason', 'old'), {**start, self.beacon: 'deprecated'}),
            'rollback': (('rollback', '--to', self.earlier),
                         {self.reef: 'production', self.beacon: 'production'}),
            'refresh': (('refresh',), start),
            'gc': (('gc',), start),
        }
        worlds = [World(name, self.old if name == 'gc' else self.depot, words, start, after, words)
                  for name, (words, after) in commands.items()]
        return worlds + list(self.cut_off(commands))

    def cut_off(self, commands):
        """Depots as a killed command left them; opening one is recovery."""
        for name, options, done in (
                ('admit', ('--at', 'rename /public/.current.new /public/current', '--fault', 'kill'), False),
                ('admit', ('--at', 'fsync /public', '--fault', 'kill'), True),
                ('promote', ('--at', 'rename /public/.current.new /public/current', '--fault', 'kill'), False),
                ('promote', ('--at', 'write /ledger.jsonl', '--fault', 'torn'), False),
                ('promote', ('--at', 'write /ledger.jsonl', '--nth', '2', '--fault', 'torn'), True)):
            words, after = commands[name]
            label = f'recovery-{name}-{"-".join(options[1].split()[:1])}-{"done" if done else "undone"}'
            depot = self.clone(label)
            cut = self.fault(depot, words, *options)
            if cut.status != 137:
                raise program.Failed(f'{label} was not cut off: {cut}')
            standing = after if done else self.started
            yield World(label, depot, ('list',), standing, standing, words)


def listing(workshop, world, reads):
    """The names of the calls that the command makes."""
    depot, said = workshop.directory / 'listed', workshop.directory / 'calls'
    copy(world.depot, depot)
    done = workshop.fault(depot, world.words, *(('--reads',) if reads else ()), '--list', said)
    if done.status != 0:
        raise program.Failed(str(done))
    return said.read_text().splitlines()
