#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests end in time wherever they are made: also in threads that get no signals, as Apache's
mod_perl has them."""

import json
import socket
import subprocess
import time
import unittest

from plugin import PATIENCE, Receiver, launcher

# Makes the requests it is given, all at once, each in a thread, with every signal blocked.
CALLER = r"""
use strict; use warnings; use threads;
use JSON::PP; use POSIX;
use RT::Extension::Sluice::Call;
my $all = POSIX::SigSet->new;
$all->fillset;
POSIX::sigprocmask(SIG_BLOCK, $all);
my @requests = @{ decode_json(do { local $/; <STDIN> }) };
my @threads = map { my $request = $_;
    scalar threads->create(sub { RT::Extension::Sluice::Call->Make(1, $request) }) } @requests;
my @answers = map { $_->join } @threads;
my $left_behind = waitpid(-1, WNOHANG) == -1 ? 0 : 1;
print encode_json({ answers => \@answers, left_behind => $left_behind });
"""


def make(*requests):
    done = subprocess.run(
        ["perl", "-I", launcher.PLUGIN / "lib", "-e", CALLER],
        input=json.dumps([{"method": "GET", "headers": {}} | request for request in requests]),
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    told = json.loads(done.stdout)
    assert not told["left_behind"], "a process is left behind"
    return told["answers"]


class Call(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def test_a_peer_that_keeps_us_waiting_is_left_in_time(self):
        for mode in ("hang", "drip"):
            with self.subTest(mode):
                self.receiver.mode = mode
                started = time.monotonic()
                answers = make(*[{"url": self.receiver.url + "/hook"}] * 3)
                self.assertLess(time.monotonic() - started, PATIENCE)
                for answer in answers:
                    self.assertEqual((int(answer["status"]), int(answer["success"])), (599, 0))
                    self.assertEqual(answer["content"], "no complete answer within 1 s")

    def test_what_tells_something_goes_on_when_the_caller_is_gone(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            listener.settimeout(20)
            # Who comes while the queue is full knocks again after 1 and 3 s.
            fillers = [socket.socket(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK) for _ in range(3)]
            for filler in fillers:
                self.addCleanup(filler.close)
                filler.connect_ex(listener.getsockname())
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            for answer in make({"url": url}, {"method": "POST", "url": url, "content": "news", "goes_on": 30}):
                self.assertEqual(answer["content"], "no complete answer within 1 s")
            time.sleep(1)  # alarms are whole seconds: what is given up has ended by then
            for filler in fillers:
                filler.close()
            arrived = b""
            while not arrived:
                with listener.accept()[0] as connection:
                    connection.settimeout(5)
                    while not arrived.endswith(b"news") and (part := connection.recv(1000)):
                        arrived += part
                    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            self.assertTrue(arrived.startswith(b"POST / ") and arrived.endswith(b"news"), arrived)
            listener.settimeout(3)
            with self.assertRaises(TimeoutError, msg="a question that nobody waits for is still asked"):
                listener.accept()

    def test_request_and_answer_arrive_as_they_are(self):
        for sent in ("{}", "one\n\ntwo: three\n", "\n"):
            self.receiver.answers = {"/hook": (201, sent.encode()), "/lost": (404, b"not here")}
            first, second = make(
                {"method": "POST", "url": self.receiver.url + "/hook", "content": sent,
                 "headers": {"X-Sluice-Event": "repo_action", "X-Sluice-Signature": "sha256=12: 34"}},
                {"url": self.receiver.url + "/lost"})
            self.assertEqual((int(first["status"]), int(first["success"]), first["content"]), (201, 1, sent))
            self.assertEqual((int(second["status"]), int(second["success"]), second["content"]),
                             (404, 0, "not here"))
            request, = self.receiver.take("/hook")
            self.assertEqual((request["method"], request["body"]), ("POST", sent.encode()))
            self.assertEqual(request["headers"]["x-sluice-event"], "repo_action")
            self.assertEqual(request["headers"]["x-sluice-signature"], "sha256=12: 34")

    def test_no_answer_is_a_reason(self):
        self.receiver.refuse_connections()
        answer, = make({"url": self.receiver.url})
        self.receiver.listen()
        self.assertEqual(int(answer["status"]), 599)
        self.assertIn("Connection refused", answer["content"])


if __name__ == "__main__":
    unittest.main()
