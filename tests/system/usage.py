#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command costs, with all processes that it starts: usage.py REPORT COMMAND…

A process of its own, small when it forks: the kernel counts as a program's memory also what the one had
that started it. Writes "processor seconds, bytes of memory" to REPORT and ends with the command's status.
"""

import os
import pathlib
import sys
import time

EVERY = 0.02  # seconds between two looks


def children(pid):
    try:
        tasks = list(pathlib.Path(f'/proc/{pid}/task').iterdir())
        return [int(child) for task in tasks for child in (task / 'children').read_text().split()]
    except OSError:
        return []


def memory(pid):
    """Of a process and all below it; what several share is counted once."""
    total = 0
    try:
        for line in pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines():
            if line.startswith('Pss:'):
                total = int(line.split()[1]) << 10
    except OSError:
        pass  # it ended
    return total + sum(memory(child) for child in children(pid))


def main():
    report, *command = sys.argv[1:]
    pid = os.fork()
    if pid == 0:
        os.execvp(command[0], command)
    most = 0
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        most = max(most, memory(pid))
        time.sleep(EVERY)
    # The largest single process is known exactly, the sum of all only from time to time.
    most = max(most, usage.ru_maxrss << 10)
    pathlib.Path(report).write_text(f'{usage.ru_utime + usage.ru_stime} {most}')
    sys.exit(os.waitstatus_to_exitcode(status) & 0xff)


if __name__ == '__main__':
    main()
