# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a program at its Nth system call of one kind: strace counts the calls, then injects SIGKILL.

The signal comes at the entry of the call: what the call would have done has not been done. strace
counts for each thread by itself, so "the third rename" is the third of some thread.
"""

import collections
import pathlib
import re
import tempfile

import program

CALLS = ('rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'mkdir', 'mkdirat',
         'unlink', 'unlinkat', 'fsync', 'fdatasync', 'syncfs', 'ftruncate')


def counts(command):
    """{call: how often the thread that makes it most often makes it}; runs `command` to its end."""
    with tempfile.TemporaryDirectory(prefix='sluice-strace-') as scratch:
        log = pathlib.Path(scratch) / 'log'
        program.must('strace', '-f', '-qq', '-o', log, '-e', f'trace={",".join(CALLS)}', *command)
        seen = collections.Counter(re.findall(r'^(\d+) +(\w+)\(', log.read_text(), re.MULTILINE))
    most = collections.Counter()
    for (_, call), count in seen.items():
        most[call] = max(most[call], count)
    return most


def killed_at(command, call, number):
    """Runs `command`; ends the thread's process group of tracees at that call. Returns the result."""
    return program.run('strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}',
                       '-e', f'inject={call}:signal=KILL:when={number}', *command)
