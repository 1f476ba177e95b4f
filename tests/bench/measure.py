# SPDX-License-Identifier: GPL-3.0-or-later
"""What a piece of work costs: wall time, processors' time, peak memory, bytes written; with all its processes."""

import os
import statistics
import subprocess
import time
from dataclasses import dataclass

PACKAGES = ('.rpm', '.deb')
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


def cost(commands, tree=None, environment=None, bundle=None):
    """The cost of commands one after the other; each is (program, argument, ...).

    Their output goes to a file, which they must not wait for. `tree` is where they write, and read all
    but packages; of `bundle` they read packages too.
    """
    before = _files(tree)
    _warm(tree, but=PACKAGES)
    _warm(bundle)
    os.sync()  # what was written before is not paid for here
    total = Cost()
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
        total += Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    return total + Cost(written=_written(before, _files(tree)))


def median(costs):
    return Cost(*(statistics.median(getattr(one, field) for one in costs) for field in FIELDS))


def _entries(tree):
    """All files below a directory."""
    pending = [tree] if tree else []
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    yield entry


def _files(tree):
    """{inode: (size, time)} of all files below a directory. A hard link or a rename writes no bytes."""
    statuses = (entry.stat(follow_symlinks=False) for entry in _entries(tree))
    return {status.st_ino: (status.st_size, status.st_mtime_ns) for status in statuses}


def _warm(tree, but=()):
    """Reads files, for everyone alike: some machines drop within half a minute what no one reads, and
    would measure their disk, by how long ago it was a tool's turn."""
    room = bytearray(1 << 20)
    for entry in _entries(tree):
        if entry.name.endswith(but):
            continue
        with open(entry.path, 'rb', buffering=0) as file:
            while file.readinto(room):
                pass


def _written(before, after):
    return sum(size for inode, (size, time) in after.items() if before.get(inode) != (size, time))
