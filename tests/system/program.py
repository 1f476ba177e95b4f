# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs outside programs: bounded in time, output kept, environment under our control."""

import dataclasses
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLUICE = pathlib.Path(os.environ.get('SLUICE', ROOT / 'build/release/sluice'))
TIMEOUT = 60
# The root of another system, whose package managers are tested in place of this one's (newer_clients).
CLIENTS = os.environ.get('SLUICE_CLIENTS')
BY_ROOT = () if os.geteuid() == 0 else ('sudo', '-n')


@dataclasses.dataclass(frozen=True)
class Result:
    command: tuple
    status: int
    out: str
    err: str

    def __str__(self):
        return f'{" ".join(self.command)}\nexit status {self.status}\n{self.out}{self.err}'


class Failed(AssertionError):
    """A program that had to succeed did not; shows all that it said."""


def environment(**more):
    """Without what would leak in from the user's shell; messages in English."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(('SLUICE_', 'GNUPG', 'http', 'HTTP', 'LC_', 'LANG'))}
    return {**kept, 'LC_ALL': 'C.UTF-8', **more}


def run(*command, env=None, cwd=None, timeout=TIMEOUT, text=None, within=None):
    """`within`: bytes of memory that the program and what it starts may each use."""
    command = tuple(map(str, command))
    if within:
        command = ('prlimit', f'--data={within}', *command)
    done = subprocess.run(command, capture_output=True, input=text, text=True, errors='replace',
                          check=False, env=env or environment(), cwd=cwd, timeout=timeout)
    return Result(command, done.returncode, done.stdout, done.stderr)


def succeeded(result):
    if result.status != 0:
        raise Failed(str(result))
    return result


def must(*command, **more):
    return succeeded(run(*command, **more))


def client(*command, cwd='/', **more):
    """Runs a package manager, or what comes with one."""
    if CLIENTS:
        command = ('unshare', f'--root={CLIENTS}', f'--wd={cwd}', *command)
    return run(*command, cwd=cwd, **more)


def has_client(name):
    """Whether the other system has it."""
    return bool(CLIENTS) and pathlib.Path(CLIENTS, 'usr/bin', name).exists()


def must_client(*command, **more):
    return succeeded(client(*command, **more))


def as_root(*command):
    """For mount and the like; the machine that runs these tests allows it."""
    return must(*BY_ROOT, *command)
