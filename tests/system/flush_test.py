#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a commit made is on disk before it is shown: each file was flushed after its last byte, through the descriptor
that wrote it, and each directory after the last name that it got or lost. strace tells which calls were made."""

import os
import re
import shutil
import unittest

import program
import samples
from depot import Depot

WRITES = ('write', 'writev', 'pwrite64', 'ftruncate', 'fallocate', 'sendfile', 'copy_file_range')
CALLS = (*WRITES, 'open', 'openat', 'creat', 'close', 'fsync', 'mkdir', 'mkdirat', 'link', 'linkat', 'symlink',
         'symlinkat', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'clone', 'clone3')
NEED_NOT_LAST = ('fragments', 'work', 'gnupg', 'lock')
DESCRIPTOR = re.compile(r'(\d+)<([^>]*)>')
NAME = re.compile(r'(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"([^"]*)"')


def calls_of(log):
    """[(begins, thread, call)] of the process that was traced first, in the order of their begins and ends."""
    events, begun, threads = [], {}, set()
    for line in log.read_text().splitlines():
        thread, text = line.split(maxsplit=1)
        threads = threads or {thread}
        call = begun.pop(thread, None)
        if call is None:
            call = [text.removesuffix('<unfinished ...>')]
            events.append((True, thread, call))
        if text.endswith('<unfinished ...>'):
            begun[thread] = call
            continue
        if text.startswith('<...'):
            call[0] += text.split('resumed>', 1)[1]
        events.append((False, thread, call))
        if 'CLONE_THREAD' in call[0]:
            threads.add(call[0].split()[-1])
    return [(begins, thread, call[0]) for begins, thread, call in events if thread in threads and '(' in call[0]]


class Node:
    """A file or a directory: its last change and removal, and the changes that are on disk."""

    def __init__(self):
        self.changed = self.removed = self.flushed = 0
        self.writers = set()


class Trace:
    """Follows what a command makes of the names below `root`. `unflushed` says what it forgot."""

    def __init__(self, root, log):
        self.root, self.time, self.swaps, self.unflushed = str(root), 0, 0, []
        self.names, self.opened, self.flushing = {}, {}, {}
        for self.time, (begins, thread, call) in enumerate(calls_of(log), 1):
            verb = call.split('(')[0]
            if verb in ('fsync', *WRITES):
                self._on_descriptor(begins, thread, verb, call)
            elif verb == 'close':
                if begins:
                    self.opened.pop(DESCRIPTOR.search(call)[1], None)
            elif begins:
                self._look_before(verb, call)
            elif not re.search(r'\) += -1 ', call):
                self._after(verb, call)

    def _is_below(self, path):
        return path.startswith(self.root + '/') and not path.endswith(' (deleted)')

    def _node(self, path):
        return self.names.setdefault(path, Node())

    def _parent_changed(self, path, removed=False):
        """The link that will be `current` is flushed after the swap, and has to be."""
        if path[len(self.root) + 1:] in NEED_NOT_LAST or '/public/.current.' in path:
            return
        parent = self._node(os.path.dirname(path))
        parent.changed = self.time
        if removed:
            parent.removed = self.time

    def _on_descriptor(self, begins, thread, verb, call):
        number, path = DESCRIPTOR.findall(call)[1 if verb == 'copy_file_range' else 0]
        if not self._is_below(path):
            return
        node, writer = self._node(path), self.opened.get(number)
        if verb != 'fsync':
            if begins and verb == 'write' and path == self.root + '/ledger.jsonl':
                self._check('the ledger', lambda node: node.removed)
            node.changed = self.time
            node.writers.add(writer)
        elif begins:
            self.flushing[thread] = (node, node.changed) if node.writers <= {writer} else None
        elif (flushing := self.flushing.pop(thread)) and call.endswith('= 0'):
            flushing[0].flushed = max(flushing[0].flushed, flushing[1])
            if node.flushed >= node.changed:
                node.writers.clear()

    def _names_in(self, call):
        return [os.path.normpath(os.path.join(base, name)) for base, name in NAME.findall(call)]

    def _look_before(self, verb, call):
        if verb.startswith('rename') and self._names_in(call)[1] == self.root + '/public/current':
            self.swaps += 1
            self._check('the swap', lambda node: node.changed)

    def _check(self, moment, last):
        self.unflushed += [f'{path[len(self.root):]} before {moment}' for path, node in sorted(self.names.items())
                           if self._is_below(path) and last(node) > node.flushed
                           and path[len(self.root) + 1:].split('/')[0] not in NEED_NOT_LAST]

    def _after(self, verb, call):
        names = self._names_in(call)
        if not names or not self._is_below(names[-1]):
            return
        if verb in ('open', 'openat', 'creat'):
            number, path = DESCRIPTOR.findall(call)[-1]
            self.opened[number] = object()
            if 'O_CREAT' in call and path not in self.names:
                self._node(path).changed = self.time
                self._parent_changed(path)
        elif verb.startswith(('unlink', 'rmdir')):
            self._move(names[0], None)
            self._parent_changed(names[0], removed=True)
        elif verb.startswith('rename'):
            exchanged = 'RENAME_EXCHANGE' in call
            self._move(names[1], '/aside' if exchanged else None)
            self._move(*names)
            self._move('/aside', names[0])
            self._parent_changed(names[0], removed=not exchanged)
            self._parent_changed(names[1], removed=names[1].endswith('/public/current'))
        else:
            if verb.startswith('link'):
                self.names[names[1]] = self._node(names[0])
            self._parent_changed(names[-1])

    def _move(self, old, new):
        for path in [path for path in self.names if (path + '/').startswith(old + '/')]:
            node = self.names.pop(path)
            if new:
                self.names[new + path[len(old):]] = node


def files_below(directory):
    return {os.path.join(top, name): os.lstat(os.path.join(top, name)).st_ino
            for top, _, names in os.walk(directory) for name in names}


@unittest.skipUnless(shutil.which('strace'), 'needs strace')
class Flushes(unittest.TestCase):
    def setUp(self):
        self.depot = Depot(key_type='ed25519')
        self.addCleanup(self.depot.close)
        settings = self.depot.path / 'sluice.toml'
        settings.write_text(re.sub('^(xz|contents) = false', r'\1 = true', settings.read_text(), flags=re.MULTILINE))

    def traced(self, *words, swaps=1):
        before = set(files_below(self.depot.path).values())
        log = self.depot.scratch / 'calls'
        done = program.run('strace', '-f', '-y', '-qq', '--seccomp-bpf', '-s', '0', '-o', log,
                           '-e', f'trace={",".join(CALLS)}', '-e', 'signal=none', *self.depot.command(*words))
        trace = Trace(self.depot.path, log)
        self.assertEqual((trace.unflushed, trace.swaps), ([], swaps), f'{words} {done}')
        for path, inode in files_below(self.depot.path / 'public').items():
            if inode not in before and not os.path.islink(path):
                self.assertIn(path, trace.names, 'was made unseen')
        return done

    def test_all_that_a_commit_shows(self):
        for name in ('argus', 'buoy'):
            self.traced('admit', samples.bundle_of(samples.small(name)))
        for stage in ('stage-rollout', 'production'):
            self.traced('promote', 'argus-1.0.0', '--to', stage)
        self.traced('refresh')
        self.traced('deprecate', 'argus-1.0.0', '--reason', 'old')
        self.traced('rollback')
        self.traced('reject', 'buoy-1.0.0', '--reason', 'no')

    def test_all_that_is_taken_back(self):
        self.depot.admit(samples.small('argus'))
        keys = self.depot.path / 'gnupg/private-keys-v1.d'
        keys.rename(self.depot.scratch / 'taken-away')
        done = self.traced('admit', samples.bundle_of(samples.small('buoy')), swaps=0)
        self.assertEqual(done.status, 1, done)
        (self.depot.scratch / 'taken-away').rename(keys)
        self.assertEqual(list(self.depot.path.glob('releases/buoy*')), [])
        self.depot.must('verify')


if __name__ == '__main__':
    unittest.main()
