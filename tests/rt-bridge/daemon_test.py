#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`sluice bridge` as a process that follows a real RT: told by hooks, disturbed by signals, by forged
hooks, and by people who use the command line."""

import concurrent.futures
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
import unittest
import urllib.error
import urllib.request

from bridge_case import Bridge
from bridged import program, samples

REPO_ACTION = 2  # number of the custom field; the template is always made alike


class Daemon(Bridge):
    """It polls so rarely that what it does, it does because of a hook."""

    options = {"poll": 600}

    def setUp(self):
        self.bridged.start_daemon()

    def tearDown(self):
        if self.bridged.daemon:
            self.assertEqual(self.bridged.stop_daemon(), 0)

    def reaches(self, ticket, status, seconds=60):
        self.bridged.wait_for_ticket(
            ticket, lambda: self.bridged.fields(ticket).get("RepoStatus") == status
            and self.bridged.comments(ticket), f"ticket {ticket}: not {status}", seconds)

    def done_once(self, name):
        self.assertEqual(len([one for one in self.bridged.depot.json("history")["operations"]
                              if name in str(one)]), 1, name)

    def metric(self, name):
        text = self.bridged.http("/metrics")[1]
        return int(re.search(rf"(?m)^sluice_bridge_{re.escape(name)} (\d+)", text)[1])


class Following(Daemon):
    def test_monitoring_and_the_ticket_page_are_answered(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("watch")))
        self.reaches(ticket, "Unverified")
        self.assertEqual(self.bridged.http("/healthz")[0], 200)
        status, text = self.bridged.http("/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'(?m)^sluice_bridge_requests_total\{result="done"\} [1-9]')
        self.assertEqual(self.bridged.http(f"/release?ticket={ticket}")[0], 401)
        page = self.bridged.rt.web("bob").get(f"/Ticket/Display.html?id={ticket}")
        self.assertIn("watch-1.0.0", page)
        self.assertIn("unverified/umd5/releases/watch-1.0.0/", page)

    def test_a_ticket_made_with_rt_s_form_is_followed(self):
        bundle = samples.bundle_of(samples.small("form"))
        ticket = self.bridged.rt.web("alice").create(
            "sw-rel", "by form", {REPO_ACTION: "MoveToUnverified"},
            Attach=(bundle.name, "application/gzip", bundle.read_bytes()))
        self.reaches(ticket, "Unverified")

    def test_what_happened_while_it_was_away_is_done_at_start(self):
        self.assertEqual(self.bridged.stop_daemon(), 0)
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("late")))
        self.bridged.start_daemon()
        self.reaches(ticket, "Unverified")

    def test_a_retry_is_made_at_once(self):
        ticket = self.bridged.ticket("alice")
        self.reaches(ticket, "Failed")
        self.bridged.depot.must("bridge", "retry", ticket)
        self.bridged.wait_for_ticket(ticket, lambda: len(self.bridged.comments(ticket)) == 2,
                                     "not tried again", 20)
        result = self.bridged.depot.run("bridge", "retry", 99999)
        self.assertEqual(result.status, 3, result)
        self.assertIn("RT has no ticket 99999", result.err)

    def test_a_second_process_does_not_follow_the_same_depot(self):
        self.assertEqual(self.bridged.depot.run("bridge", "--once").status, 1)


class Many(Daemon):
    def test_fifty_tickets_at_once_are_each_done_once(self):
        files = [samples.bundle_of(samples.small(f"many{n}", platforms=("debian12 amd64",)))
                 for n in range(50)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tickets = list(pool.map(lambda file: self.bridged.ticket("alice", file), files))
        for ticket in tickets:
            self.reaches(ticket, "Unverified", 300)
        for ticket in tickets:
            self.assertEqual(len(self.bridged.comments(ticket)), 1)
        for number in range(50):
            self.done_once(f"many{number}-")


class Ending(Daemon):
    """The process is ended while it works."""

    def leave(self, *names):
        """As if it had been killed between making a file and renaming it into place."""
        for name in names:
            (self.bridged.depot.path / "bridge" / name).touch()

    def test_it_survives_a_kill_in_the_middle(self):
        for delay in (0.1, 0.3, 0.5, 0.7, 0.9, 1.2):
            name = f"kill{int(delay * 10)}"
            ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
            time.sleep(delay)
            self.bridged.daemon.kill()
            self.bridged.daemon.wait()
            self.leave(".state.json.1.0.new", ".state.json.1.1.new")
            self.bridged.start_daemon()
            self.reaches(ticket, "Unverified")
            self.assertEqual(len(self.bridged.comments(ticket)), 1)
            self.done_once(name)
        self.assertEqual([*(self.bridged.depot.path / "bridge").glob("**/.*")], [])

    def test_it_ends_in_good_order_while_it_works(self):
        for delay in (0.2, 0.4, 0.6, 0.9):
            name = f"term{int(delay * 10)}"
            ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
            time.sleep(delay)
            self.assertEqual(self.bridged.stop_daemon(), 0)
            self.assertEqual(self.bridged.depot.leftovers(), [])
            told = self.bridged.fields(ticket).get("RepoStatus")
            self.assertEqual(told == "Unverified",
                             f"{name}-1.0.0" in self.bridged.depot.standing(), "half done")
            self.bridged.start_daemon()
            self.reaches(ticket, "Unverified")
            self.done_once(name)


class Twice(Daemon):
    """A request ends the process whenever it is done: here, when the bundle is fetched."""

    options = {"poll": 600, "proxy": True}

    def attached_to(self, ticket):
        _, answer = self.bridged.rt.rest("root")("GET", f"/ticket/{ticket}/attachments?fields=Filename")
        return [f"/REST/2.0/attachment/{one['id']}" for one in answer["items"] if one["Filename"]]

    def ends_over(self, ticket):
        """From now on; the list that is returned gets an entry each time."""
        paths, ended = self.attached_to(ticket), []

        def fault(_, path):
            if path.partition("?")[0] not in paths:
                return None
            ended.append(path)
            self.bridged.daemon.kill()
            return "refuse"
        self.bridged.proxy.fault = fault
        return ended

    def test_what_ends_the_process_twice_is_failed_and_other_tickets_go_on(self):
        self.assertEqual(self.bridged.stop_daemon(), 0)
        ticket, other = (self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
                         for name in ("avalanche", "bystander"))
        ended = self.ends_over(ticket)
        for _ in range(2):
            self.assertEqual(self.bridged.fields(other).get("RepoStatus"), None)
            self.bridged.start_daemon(healthy=False)
            self.assertEqual(self.bridged.daemon.wait(60), -signal.SIGKILL)
        self.bridged.start_daemon()
        self.reaches(other, "Unverified")
        self.reaches(ticket, "Failed")
        self.assertIn("[process-ended]", self.stands(ticket, "Failed", ""))
        self.assertEqual([len(self.bridged.comments(one)) for one in (ticket, other)], [1, 1])
        self.assertEqual(len(ended), 2)
        self.assertIn("is not tried again", self.bridged.log.read_text())
        self.bridged.proxy.fault = lambda method, path: None
        self.bridged.depot.must("bridge", "retry", ticket)
        self.reaches(ticket, "Unverified")
        self.done_once("avalanche")


class Deaf(Daemon):
    """Hooks do not arrive."""

    options = {"poll": 1, "hooks": False}

    def test_the_queue_is_looked_at_all_the_same(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("unheard")))
        self.reaches(ticket, "Unverified")
        self.bridged.ask("bob", ticket, "Reject")
        self.reaches(ticket, "Rejected")


class Hooks(Daemon):
    """Hooks that RT did not send, or sent before."""

    def hook(self, ticket=1, transaction=1, secret=None, age=0, body=None, signature=None):
        """The answer to a hook, and its signature."""
        secret = secret or self.bridged.rt.facts["hook_secret"]
        body = json.dumps({"ticket": ticket, "transaction": transaction}) if body is None else body
        timestamp = str(int(time.time()) - age)
        signature = signature or "sha256=" + hmac.new(
            secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.bridged.listen}/hook", body.encode(),
            {"Content-Type": "application/json", "X-Sluice-Timestamp": timestamp,
             "X-Sluice-Signature": signature})
        return self.answer_to(request), request

    @staticmethod
    def answer_to(request):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def passes(self):
        """How often it looked, the look at its start included."""
        self.bridged.wait(lambda: self.metric("passes_total") > 0, "has not looked yet")
        return self.metric("passes_total")

    def test_forged_and_old_hooks_are_refused_and_have_no_effect(self):
        passes = self.passes()
        generation = self.bridged.depot.generation()
        for status, more in ((401, {"secret": "another secret than that"}),
                             (401, {"signature": "sha256=" + "0" * 64}),
                             (401, {"age": 600}), (401, {"age": -600}),
                             (413, {"body": " " * (1 << 20)})):
            self.assertEqual(self.hook(**more)[0], status, more)
        time.sleep(1.2)  # a hook has its look within a second
        self.assertEqual(self.metric("passes_total"), passes)
        self.assertEqual(self.bridged.depot.generation(), generation)

    def test_replays_cost_one_look_a_second_at_most(self):
        passes, generation = self.passes(), self.bridged.depot.generation()
        status, request = self.hook(transaction=7)
        self.assertEqual(status, 200)
        begin, sent = time.monotonic(), 0
        while time.monotonic() < begin + 3:
            self.assertEqual(self.answer_to(request), 200)
            sent += 1
        looks = self.metric("passes_total") - passes
        self.assertGreater(sent, 30)
        self.assertGreaterEqual(looks, 1)
        self.assertLessEqual(looks, time.monotonic() - begin + 1)
        self.assertEqual(self.bridged.depot.generation(), generation)

    def test_what_a_hook_says_is_not_believed(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("calm")))
        self.reaches(ticket, "Unverified")
        body = {"ticket": ticket, "transaction": 999999, "actor": "carol", "creator": "carol",
                "field": "RepoAction", "old": None, "new": "MoveToProduction"}
        passes = self.metric("passes_total")
        for number in range(5):  # doubled, and in a wrong order
            self.assertEqual(self.hook(body=json.dumps(body | {"transaction": 9 - number}))[0], 200)
        self.bridged.wait(lambda: self.metric("passes_total") > passes, "not heard")
        self.assertEqual(self.bridged.stop_daemon(), 0)
        self.stands(ticket, "Unverified")
        self.assertEqual(len(self.bridged.comments(ticket)), 1)
        self.done_once("calm")


class Writers(Daemon):
    """People use the command line while tickets are worked on."""

    def by_hand(self, name):
        release = self.bridged.depot.admit(samples.small(name))
        self.bridged.depot.promote(release, "stage-rollout")
        self.bridged.depot.must("reject", release, "--reason", "it was a trial")

    def test_both_are_equal(self):
        for number in range(8):
            samples.bundle_of(samples.small(f"ticket{number}"))
            samples.bundle_of(samples.small(f"hand{number}"))
        before = self.bridged.depot.generation()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            by_hand = [pool.submit(self.by_hand, f"hand{number}") for number in range(8)]
            tickets = [self.bridged.ticket("alice", samples.bundle_of(samples.small(f"ticket{number}")))
                       for number in range(8)]
            for one in by_hand:
                one.result()
        for ticket in tickets:
            self.reaches(ticket, "Unverified")
        self.assertEqual(self.bridged.depot.generation(), before + 8 + 3 * 8)
        for ticket in tickets:
            self.assertEqual(len(self.bridged.comments(ticket)), 1)

    def test_a_release_that_people_move_is_followed(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("seized")))
        self.reaches(ticket, "Unverified")
        self.bridged.depot.must("promote", "seized-1.0.0", "--to", "stage-rollout", "--by", "erin")
        self.bridged.ask("bob", ticket, "Reject")  # wakes it
        self.reaches(ticket, "Rejected")
        self.bridged.wait_for_ticket(ticket, lambda: len(self.bridged.comments(ticket)) == 3,
                                     "three were told")
        self.assertTrue(any("of erin" in text for text in self.bridged.comments(ticket)))


class Speed(Daemon):
    """How long it takes from a ticket to an installation."""

    def test_36_packages_are_installable_within_ten_seconds(self):
        product = samples.OBSERVATORY
        bundle = samples.bundle_of(product)
        packages = [file for file in samples.bundle_of(product, "").rglob("*")
                    if file.suffix in (".rpm", ".deb")]
        self.assertGreaterEqual(len(packages), 36)
        begin = time.monotonic()
        ticket = self.bridged.ticket("alice", bundle)
        self.reaches(ticket, "Unverified")
        told = time.monotonic() - begin
        comment = self.bridged.comments(ticket)[-1]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            installed = list(pool.map(lambda platform: self.installed(comment, platform, product),
                                      ("el9", "debian12")))
        taken = time.monotonic() - begin
        print(f"{len(packages)} packages, {program.SLUICE}: the ticket is told after {told:.1f} s, dnf "
              f"has installed {installed[0]} and apt {installed[1]} after {taken:.1f} s",
              file=sys.stderr)
        self.assertLess(taken, 10 * float(os.environ.get("SLUICE_SLOWNESS", "1")))

    def installed(self, comment, platform, product):
        """How many packages of the product a site has after it was told to install them."""
        names = sorted({package.name for package in product.packages if package.kind != "source"})
        with self.bridged.client(comment, platform) as client:
            client.install(*names)
            self.assertEqual(set(client.installed()), set(names))
            return len(client.installed())



if __name__ == "__main__":
    unittest.main()
