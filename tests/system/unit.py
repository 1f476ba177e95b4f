#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shipped systemd unit, read without a systemd that runs: its score, the system calls it lets through,
and its filter put on a command.

    tests/system/unit.py sluice-bridge COMMAND...    runs the command within the filter of that unit
"""

import ctypes
import errno
import functools
import mmap
import os
import re
import sys

import program

UNITS = program.ROOT / 'packaging/systemd'
ALLOW = 0x7fff0000
REFUSE = 0x00050000 | errno.EPERM
MASKED_EQUAL = 7


@functools.cache
def group(name):
    """What a group of systemd's has, groups in it as well."""
    said = program.must('systemd-analyze', 'syscall-filter', '--no-pager', name).out
    words = [line.strip() for line in said.splitlines()[1:]]
    return frozenset().union(*(resolved(word) for word in words if word and not word.startswith('#')))


def resolved(word):
    return group(word) if word.startswith('@') else frozenset([word])


class Unit:
    def __init__(self, name):
        self.path = UNITS / f'{name}.service'
        self.settings = {}
        for line in self.path.read_text().splitlines():
            if found := re.match(r'(\w+)=(.*)', line):
                self.settings.setdefault(found[1], []).append(found[2])

    @staticmethod
    def names():
        return sorted(path.stem for path in UNITS.glob('*.service'))

    def exposure(self):
        """0 to 10, of `systemd-analyze security`; and what is held against the unit."""
        said = program.must('systemd-analyze', 'security', '--no-pager', '--offline=true', self.path).out
        level = re.search(r'Overall exposure level for \S+: ([0-9.]+)', said)
        return float(level[1]), '\n'.join(line for line in said.splitlines() if line.startswith('✗'))

    def system_calls(self):
        """Those that its SystemCallFilter lets through; the first line decides that it is a list of these."""
        allowed = set()
        for line in self.settings['SystemCallFilter']:
            words = line.removeprefix('~').split()
            named = frozenset().union(*map(resolved, words))
            allowed = allowed - named if line.startswith('~') else allowed | named
        return allowed | group('@default')

    def enter(self):
        """From now on this process may do what the unit may, as far as system calls tell."""
        if ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) != 0:
            raise OSError('no_new_privs cannot be set')
        if self.settings.get('MemoryDenyWriteExecute') == ['yes']:
            load(ALLOW, REFUSE, [('mmap', 2, mmap.PROT_EXEC | mmap.PROT_WRITE), ('mprotect', 2, mmap.PROT_EXEC),
                                 ('pkey_mprotect', 2, mmap.PROT_EXEC)])
        load(REFUSE, ALLOW, [(name,) for name in sorted(self.system_calls())])


class Comparison(ctypes.Structure):
    _fields_ = [('argument', ctypes.c_uint), ('operator', ctypes.c_int),
                ('mask', ctypes.c_uint64), ('value', ctypes.c_uint64)]


def load(usual, action, rules):
    """A filter by libseccomp: what is done with system calls that no rule names, and with those that one does.
    A rule may have the number of an argument and the bits that are set in it."""
    library = ctypes.CDLL('libseccomp.so.2')
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(usual)))
    library.seccomp_attr_set(context, 3, 0)  # no_new_privs is set already
    for name, *argument in rules:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # of another processor
        bits = (Comparison * 1)(*([Comparison(argument[0], MASKED_EQUAL, argument[1], argument[1])]
                                  if argument else []))
        added = library.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(argument) // 2, bits)
        if added != 0:
            raise OSError(-added, f'no rule for {name}')
    if library.seccomp_load(context) != 0:
        raise OSError('the filter cannot be set')


if __name__ == '__main__':
    Unit(sys.argv[1]).enter()
    os.execvp(sys.argv[2], sys.argv[2:])
