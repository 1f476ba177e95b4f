# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped units shut out what sluice does not need, and nothing that it does."""

import sys
import unittest

import agents
import program
import samples
from depot import Depot
from unit import Unit

WORST = 2.0

NEEDED = {
    'programs of others': 'clone clone3 fork vfork execve wait4 waitid kill pipe2 dup2 setpgid setsid',
    'a worker or cell, and what it is told': 'socketpair sendmsg recvmsg memfd_create pidfd_open poll ppoll dup3',
    'a cell that closes itself in': 'prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self '
                                    'setrlimit prlimit64 close_range',
    'the depot': 'openat linkat symlinkat renameat renameat2 unlinkat mkdirat fchmod fsync ftruncate flock fcntl '
                 'copy_file_range sendfile utimensat',
    'keys in memory': 'mlock munlock madvise',
    'web servers': 'socket bind listen accept accept4 setsockopt getsockopt connect sendto recvfrom epoll_wait',
    'threads': 'futex rseq set_robust_list sched_getaffinity sched_yield',
}
FORBIDDEN = ('ptrace mount umount2 pivot_root chroot bpf init_module kexec_load reboot swapon setuid chown '
             'clock_settime iopl perf_event_open open_by_handle_at sched_setscheduler').split()

# Runs within the filter and says of each thing whether it can be done.
PROBE = '''
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def can(name, result):
    print(name, result >= 0 or ctypes.get_errno() not in (1, 38))
can('landlock', libc.syscall(444, None, 0, 1))
can('seccomp', libc.syscall(317, 2, 0, ctypes.byref(ctypes.c_uint32(0x80000000))))
can('memfd', libc.memfd_create(b'x', 0))
can('ptrace', libc.ptrace(0, 0, 0, 0))
can('mount', libc.mount(b'none', b'/mnt', b'tmpfs', 0, None))
can('chroot', libc.chroot(b'/'))
libc.mmap.restype = ctypes.c_long
can('write and execute', libc.mmap(None, 4096, 7, 0x22, -1, 0))
'''


class Filters(unittest.TestCase):
    def test_every_unit_is_little_exposed(self):
        self.assertTrue(Unit.names())
        for name in Unit.names():
            with self.subTest(name):
                exposure, reasons = Unit(name).exposure()
                self.assertLessEqual(exposure, WORST, reasons)

    def test_memory_and_processes_are_bounded(self):
        for name in Unit.names():
            for setting in ('MemoryMax', 'TasksMax'):
                self.assertIn(setting, Unit(name).settings, name)

    def test_what_sluice_and_its_cells_need_is_let_through(self):
        for name in Unit.names():
            allowed = Unit(name).system_calls()
            for purpose, calls in NEEDED.items():
                with self.subTest(f'{name}: {purpose}'):
                    self.assertFalse(set(calls.split()) - allowed)

    def test_what_needs_privileges_is_not(self):
        for name in Unit.names():
            self.assertFalse(set(FORBIDDEN) & Unit(name).system_calls(), name)

    def test_the_kernel_sees_it_so(self):
        for name in Unit.names():
            said = program.must(sys.executable, program.ROOT / 'tests/system/unit.py', name, sys.executable, '-c',
                                PROBE).out.splitlines()
            self.assertEqual(said, ['landlock True', 'seccomp True', 'memfd True', 'ptrace False', 'mount False',
                                    'chroot False', 'write and execute False'], name)


class Within(unittest.TestCase):
    """The program within the filters."""

    def within(self, unit, depot, verb, *arguments):
        """Nobody holds the key's agent for it: gpg starts one, within the filter too."""
        agents.end_below(depot.scratch)
        return program.must(program.ROOT / 'tests/system/unit.py', unit, *depot.command(verb, *arguments))

    def test_an_admission_a_promotion_a_refresh_and_a_collection_go_on(self):
        with Depot() as depot:
            self.within('sluice-bridge', depot, 'admit', samples.bundle_of(samples.small('beacon')))
            self.within('sluice-bridge', depot, 'promote', 'beacon-1.0.0', '--to', 'stage-rollout')
            self.within('sluice-refresh', depot, 'refresh')
            self.within('sluice-refresh', depot, 'gc')
            agents.end_below(depot.scratch)
            depot.must('verify')


if __name__ == '__main__':
    unittest.main()
