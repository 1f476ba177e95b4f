# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is handed in, named or asked for: no character that steers a terminal, reorders a text or is
not seen leaves the program as it stands: not by its output, its errors, its JSON or its log."""

import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import unittest

import hostile
import program
import samples
from depot import Depot

# First and last of each kind; core/model/text.cpp says what they are.
SET = ((0x01, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160),
       (0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f),
       (0x3164, 0x3164), (0xfdd0, 0xfdef), (0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xffa0, 0xffa0),
       (0xfff0, 0xfffb), (0xfffe, 0xffff), (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0x1fffe, 0x1ffff),
       (0xe0000, 0xe0fff), (0x10fffe, 0x10ffff))
ALL = ''.join(chr(code) for first, last in SET for code in range(first, last + 1))
RAW = re.compile('[' + ''.join(f'{chr(first)}-{chr(last)}' for first, last in SET if first != 1)
                 + '\x00-\x08\x0b-\x1f]')
# Some of each that a file name and a message have room for.
SOME = ('a\x1b[2J\x1b]0;b\x07\r\x7f\x85\x9b\xad\u061c\u200b\u200d\u200e\u2028\u202a\u202e\u2066\u2069\ufdd0\ufe0f'
        '\ufeff\ufff9\uffff\U000e0041')
BYTES = os.fsencode(SOME) + b'\x9b31m\xff\xc0\xaf'
# The values of JSON that can be the same.
SAME = SOME.replace('\x85', '')


def run(*command, env=(), timeout=60):
    command = [os.fsencode(word) if isinstance(word, str) else os.fsencode(str(word)) if not isinstance(word, bytes)
               else word for word in (program.SLUICE, *command)]
    environment = {os.fsencode(k): os.fsencode(v) for k, v in program.environment().items()}
    return subprocess.run(command, capture_output=True, check=False, env={**environment, **dict(env)},
                          timeout=timeout)


class Shown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix='shown-')))
        cls.buoy = cls.depot.admit(samples.small('buoy'))

    def harmless(self, output):
        """The text of an output in which nothing is raw."""
        text = output.decode()  # UTF-8, or this fails
        found = RAW.search(text)
        if found:
            self.fail(f'U+{ord(found[0]):04X} in {text[max(0, found.start() - 100):found.end() + 20]!r}')
        return text

    def says(self, *command, status=None, **more):
        """What a command says and what went wrong, both harmless."""
        done = run(*command, **more)
        out, err = self.harmless(done.stdout), self.harmless(done.stderr)
        if status is not None:
            self.assertEqual(done.returncode, status, out + err)
        self.assertGreaterEqual(done.returncode, 0, out + err)
        if done.stdout and b'--json' in [os.fsencode(str(w)) if not isinstance(w, bytes) else w for w in command]:
            json.loads(out)
        return out, err

    def at_depot(self, *command, **more):
        return self.says(*command, '--depot', self.depot.path, **more)

    def test_of_all_of_the_set(self):
        for command in (['list', ALL], ['show', ALL, ALL], ['serve', '--listen', ALL]):
            _, err = self.at_depot(*command, status=2)
            for code in (0x1b, 0x9b):
                self.assertIn(f'\\x{code:02x}', err)
            for code in (0xad, 0x200d, 0x202e, 0x2066, 0xfeff, 0xe0041, 0x10ffff):
                self.assertIn(f'\\u{{{code:04x}}}', err)
        with_all = ALL.replace('\n', '').replace('\t', '')
        _, err = self.at_depot('show', with_all, status=3)
        self.assertIn('unknown-release', err)
        out, _ = self.at_depot('show', with_all, '--json', status=3)
        self.assertIn('\\\\u{202e}', out)

    def test_of_arguments(self):
        d = self.depot.path
        depots = [[*verb, '--depot', BYTES] for verb in
                  (['list'], ['show', 'a'], ['history'], ['status'], ['verify'], ['gc'], ['refresh'], ['serve'],
                   ['client', 'production'], ['provider', 'list'], ['bridge', '--once'])]
        values = (['--' + SOME], [f'-{SOME}'], ['admit', BYTES], ['check', BYTES], ['history', BYTES],
                  ['list', '--stage', BYTES], ['promote', BYTES, '--to', BYTES], ['promote', self.buoy, '--to', BYTES],
                  ['promote', self.buoy, '--to', 'stage-rollout', '--waive-key', BYTES],
                  ['reject', BYTES, '--reason', 'a'], ['reject', self.buoy, '--reason', BYTES],
                  ['deprecate', BYTES, '--reason', BYTES], ['rollback', '--to', BYTES], ['rollback', '--stage', BYTES],
                  ['client', BYTES], ['client', 'production', '--platform', BYTES],
                  ['client', 'production', '--line', BYTES], ['client', 'unverified', '--release', BYTES],
                  ['provider', 'transfer', BYTES, '--to', BYTES], ['provider', BYTES], ['bridge', 'retry', BYTES],
                  ['bridge', 'forget-source', BYTES], ['gc', BYTES], ['serve', '--listen', BYTES],
                  ['admit', samples.bundle_of(samples.small('pier')), '--line', BYTES],
                  ['admit', samples.bundle_of(samples.small('pier')), '--provider', BYTES])
        more = (['init', self.scratch / 'new', '--key', BYTES], ['init', self.scratch / 'new', '--line', BYTES],
                ['init', self.scratch / 'new', '--generate-key', BYTES],
                ['init', self.scratch / 'new', '--key', 'A' * 40, '--key-type', BYTES],
                ['init', self.scratch / 'new', '--key', 'A' * 40, '--public-url', BYTES])
        for command in (*depots, *([*value, '--depot', d] for value in values), *more):
            with self.subTest(repr(command)):
                self.assertNotEqual(''.join(self.says(*command)), '')
                self.says(*command, '--json')

    def test_of_the_environment(self):
        for verb in ('list', 'promote', 'reject'):
            out, _ = self.says(verb, '--help', env={b'SLUICE_DEPOT': BYTES, b'USER': BYTES, b'SUDO_USER': BYTES})
            self.assertIn('\\u{202e}', out)
        self.says('list', env={b'SLUICE_DEPOT': BYTES}, status=1)

    def test_of_whom_and_why(self):
        for reason in (SOME, 'a\u202eb', BYTES):
            _, err = self.at_depot('reject', self.buoy, '--reason', reason, status=3)
            self.assertIn('control-characters', err)
        with contextlib.closing(self.depot.clone()) as depot:
            here = ('--depot', depot.path)
            self.says('promote', self.buoy, '--to', 'stage-rollout', '--by', SAME,
                      '--reason', 'می\u200cخواهم\nשלום\u200f', *here, status=0)
            for verb in (['list'], ['history'], ['show', self.buoy], ['history', self.buoy], ['verify'], ['status']):
                self.says(*verb, *here, status=0)
            last = json.loads(self.says('history', '--json', *here, status=0)[0])['operations'][-1]
            self.assertEqual((last['by'], last['reason']), (SAME, 'می\u200cخواهم\nשלום\u200f'))
            self.harmless((depot.path / 'ledger.jsonl').read_bytes())

    def test_of_files(self):
        good = pathlib.Path(samples.bundle_of(samples.small('groyne'), ''))
        for kind in ('file', 'directory', 'bundle', 'package'):
            with self.subTest(kind), tempfile.TemporaryDirectory(prefix='shown-') as scratch:
                top = os.fsencode(scratch)
                name = BYTES.replace(b'/', b'')
                bundle = os.path.join(top, name if kind == 'bundle' else b'bundle')
                program.must('cp', '-a', good, os.fsdecode(bundle))
                rpm = os.fsencode(hostile.rpm_of(pathlib.Path(os.fsdecode(bundle))))
                if kind == 'file':
                    pathlib.Path(os.fsdecode(os.path.join(bundle, name))).write_text('a')
                elif kind == 'directory':
                    os.rename(os.path.join(bundle, b'el9'), os.path.join(bundle, name))
                elif kind == 'package':
                    os.rename(rpm, os.path.join(os.path.dirname(rpm), name + b'.rpm'))
                for verb in ('check', 'admit'):
                    self.at_depot(verb, bundle, '--dry-run' if verb == 'admit' else '--json')
                tar = os.path.join(top, name + b'.tar')
                program.must('tar', '-cf', os.fsdecode(tar), '-C', os.fsdecode(bundle), '.')
                self.at_depot('check', tar)
                self.at_depot('check', tar, '--json')

    def test_of_texts_in_what_is_handed_in(self):
        for bad in ('\u202e', '\u2066', '\u009b'):
            with tempfile.TemporaryDirectory(prefix='shown-') as scratch:
                bundle = hostile.good(pathlib.Path(scratch))
                descriptor, = bundle.rglob('*.xml')
                text = descriptor.read_text()
                for changed in (re.sub(r'(<Description>)', rf'\1a{bad}b', text),
                                re.sub(r'(<DistributionName>)', rf'\1a{bad}b', text),
                                text.replace('<Keywords>', f'<Key{bad}words>', 1),
                                text + f'<{bad}>', text.replace('<Keywords>', f'<Keywords a{bad}="{bad}">', 1)):
                    self.assertNotEqual(changed, text)
                    descriptor.write_text(changed)
                    self.at_depot('admit', bundle, '--dry-run', status=3)
                    self.at_depot('admit', bundle, '--dry-run', '--json', status=3)
                descriptor.write_text(text)
                control = hostile.CONTROL.decode().replace('Description: ', f'Description: a{bad}')
                other = hostile.deb_with(pathlib.Path(tempfile.mkdtemp(dir=scratch)), control.encode())
                told = ''.join(self.at_depot('check', other, status=3))
                self.assertRegex(told, r'control file has control characters.*\[control-characters\]')

    def test_of_the_configuration_and_of_what_verify_finds(self):
        with contextlib.closing(self.depot.clone()) as depot:
            here, toml = ('--depot', depot.path), depot.path / 'sluice.toml'
            stray = os.path.join(os.fsencode(depot.public / 'production'), BYTES.replace(b'/', b''))
            pathlib.Path(os.fsdecode(stray)).write_text('a')
            (depot.path / 'provider-keys' / (SOME.replace('/', '') + '.asc')).write_text('no key')
            for verb in ('verify', 'status', 'refresh', 'list'):
                self.says(verb, *here)
                self.says(verb, '--json', *here)
            good = toml.read_bytes()
            for bad in (b'\n"' + BYTES + b'" = 1\n', f'\n[[provider]]\nname = "a\u202eb"\n'.encode(),
                        '\n[[provider]]\nname = "a"\nkeys = ["\u202e\u009b"]\n'.encode(),
                        '\n"a\u202e\u009b\u200bb" = 1\n'.encode(), '\n[[platform]]\nname = "\u202e"\n'.encode(),
                        '\n[\u202e\n'.encode(), b'\n[[stage]]\nname = "\\u202e\\u009b"\n'):
                toml.write_bytes(good + bad)
                self.assertNotEqual(self.says('status', *here)[1], '')
                self.says('status', '--json', *here)

    def test_of_the_log_and_of_a_ticket_system(self):
        answer = json.dumps({'message': SOME + '\nsluice warning: all is well'}).encode()

        class Hostile(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.send_response(500)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = answer  # noqa: N815

            def log_message(self, *_):
                pass

        with contextlib.closing(self.depot.clone()) as depot, \
                http.server.ThreadingHTTPServer(('127.0.0.1', 0), Hostile) as rt:
            threading.Thread(target=rt.serve_forever, daemon=True).start()
            token = self.scratch / 'token'
            token.write_text('1-14-' + 'a' * 32)
            token.chmod(0o600)
            with open(depot.path / 'sluice.toml', 'a', encoding='utf-8') as toml:
                toml.write(f'\n[bridge]\nurl = "http://127.0.0.1:{rt.server_port}"\n'
                           f'token_file = "{token}"\n')
            self.says('bridge', '--once', '--depot', depot.path, status=1)
            log = self.scratch / 'log'
            with open(log, 'wb') as file:
                with subprocess.Popen(depot.command('bridge'), stdout=file, stderr=file,
                                      env=program.environment()) as bridge:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        bridge.wait(2)
                    bridge.send_signal(signal.SIGTERM)
            text = self.harmless(log.read_bytes())
            self.assertIn('\\u{202e}', text)
            self.assertNotRegex(text, '(?m)^sluice warning')
            rt.shutdown()


if __name__ == '__main__':
    unittest.main()
