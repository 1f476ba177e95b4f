# SPDX-License-Identifier: GPL-3.0-or-later
"""What a piece of work costs: wall time, processors' time, peak memory, bytes written; with all its processes."""

import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

PACKAGES = ('*.rpm', '*.deb')
FREE_MEMORY = 512 << 20
FIELDS = ('wall', 'cpu', 'memory', 'written')


@dataclass(frozen=True)
class Cost:
    wall: float = 0.0   # seconds
    cpu: float = 0.0    # seconds, user and system
    memory: int = 0     # bytes, of the largest process
    written: int = 0    # bytes in files that are new or changed

    def __add__(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory),
                    self.written + other.written)


def run(*command, **options):
    """Runs a command that has to succeed; returns what it printed."""
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f'failed ({done.returncode}): {" ".join(map(str, command))}\n{done.stdout[-4000:]}')
    return done.stdout


def cost(commands, tree, environment=None, bundle=None, quiet=True):
    """The cost of commands one after the other; each is (program, argument, ...).

    Their output goes to a file, which they must not wait for. `tree` is where they write, and read all
    but packages; of `bundle` they read packages too. `quiet`: nobody else writes.
    """
    before = _files(tree)
    if quiet:
        os.sync()  # what was written before is not paid for here
    with _in_memory({tree: PACKAGES} | ({bundle: ()} if bundle else {})):
        _wake({command[0] for command in commands}, environment)
        spent = total(commands, environment)
    return spent + Cost(written=_written(before, _files(tree)))


def total(commands, environment=None):
    """The cost of commands as it is at this moment, but for what they write."""
    spent = Cost()
    for command in commands:
        with open(os.devnull, 'r+b') as null:
            begin = time.monotonic()
            process = subprocess.Popen([*map(str, command)], stdin=null, stdout=null, stderr=subprocess.PIPE,
                                       env=environment)
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stderr.close()
        if process.returncode != 0:
            raise SystemExit(f'failed: {" ".join(map(str, command))}\n{errors.decode(errors="replace")[-4000:]}')
        spent += Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    return spent


def median(costs):
    return Cost(*(statistics.median(getattr(one, field) for one in costs) for field in FIELDS))


def _files(tree):
    """{inode: (size, time)} of all files below a directory. A hard link or a rename writes no bytes."""
    found = {}
    pending = [tree]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found[status.st_ino] = (status.st_size, status.st_mtime_ns)
    return found


@contextlib.contextmanager
def _in_memory(trees):
    """Keeps files in the page cache, for everyone alike. {directory: names to leave out}

    Some machines drop within half a minute what no one reads; then the disk would be measured, by how
    long ago it was a tool's turn.
    """
    daemons = []
    with tempfile.TemporaryDirectory() as directory:
        for tree, but in trees.items():
            note = pathlib.Path(directory, str(len(daemons)))
            # The daemon keeps what it was given to write to: no pipe, whose end would be waited for.
            subprocess.run(['vmtouch', '-q', '-d', '-l', '-w', '-P', note, *(f'-i{name}' for name in but), tree],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            daemons.append(int(note.read_text()))
        try:
            yield
        finally:
            for daemon in daemons:
                os.kill(daemon, signal.SIGTERM)


def _wake(programs, environment):
    """Lets programs, with their libraries, and free memory be there; virtual machines give theirs back
    to the host within seconds, and to get it again costs more than to use it."""
    for program in (*programs, 'gpg'):
        subprocess.run([program, '--version'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=environment, check=False)
    # In a process of its own: what this one had at most counts for all that it starts.
    run(sys.executable, '-c', f"bytearray(b'1') * {FREE_MEMORY}")


def _written(before, after):
    return sum(size for inode, (size, time) in after.items() if before.get(inode) != (size, time))
