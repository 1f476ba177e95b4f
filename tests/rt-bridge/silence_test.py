#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""RT, or the way to it, fails at the worst moments, between a real RT and the sluice program."""

import threading
import time
import unittest

from bridge_case import QUIET, Bridge
from bridged import samples


class Proxied(Bridge):
    options = {"proxy": True}

    def tearDown(self):
        self.bridged.proxy.fault = lambda method, path: None

    def after(self, count, fault, wanted):
        """Requests for which `wanted` is true meet the fault, from the count-th one on."""
        met = []

        def judge(method, path):
            if wanted(method, path):
                met.append(path)
            return fault if len(met) >= count and wanted(method, path) else None
        self.bridged.proxy.fault = judge
        return met

    def new_ticket(self, name):
        return self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))

    def then_it_is_well(self, ticket, name):
        self.bridged.proxy.fault = lambda method, path: None
        generation = self.bridged.depot.generation()
        self.bridged.once()
        self.stands(ticket, "Unverified", f"unverified/umd5/releases/{name}-1.0.0/")
        self.assertEqual(len(self.bridged.comments(ticket)), 1)
        self.assertEqual(self.bridged.once(), QUIET)
        return self.bridged.depot.generation() - generation


class Silence(Proxied):
    def test_a_ticket_is_told_of_an_operation_when_rt_is_back(self):
        ticket = self.new_ticket("away")
        self.after(1, "refuse", lambda method, path: method == "PUT")
        self.bridged.once(status=1)
        self.assertEqual(self.bridged.depot.standing()["away-1.0.0"], "unverified")
        self.assertEqual(self.bridged.comments(ticket), [])
        self.assertEqual(self.then_it_is_well(ticket, "away"), 0)

    def test_an_update_whose_answer_was_lost_is_not_a_second_one(self):
        # The address is written first, then the status: in between RT is right, if not complete.
        for count, status in (1, None), (2, "Unverified"):
            name = f"lost{count}"
            ticket = self.new_ticket(name)
            self.after(count, "drop", lambda method, path: method == "PUT")
            self.bridged.once(status=1)
            self.stands(ticket, status, f"unverified/umd5/releases/{name}-1.0.0/")
            self.assertEqual(self.then_it_is_well(ticket, name), 0)

    def test_a_comment_whose_answer_was_lost_is_not_made_twice(self):
        ticket = self.new_ticket("echo")
        self.after(1, "drop", lambda method, path: path.endswith("/comment"))
        self.bridged.once(status=1)
        self.assertEqual(len(self.bridged.comments(ticket)), 1)
        self.assertEqual(self.then_it_is_well(ticket, "echo"), 0)

    def test_a_comment_that_rt_refused_is_not_lost(self):
        ticket = self.new_ticket("mute")
        self.after(1, "fail", lambda method, path: path.endswith("/comment"))
        self.bridged.once(status=1)
        self.assertEqual(self.then_it_is_well(ticket, "mute"), 0)

    def test_an_attachment_that_cannot_be_read_blames_nobody_and_stops_nobody(self):
        first = self.new_ticket("stuck")
        second = self.new_ticket("free")
        self.after(1, "fail", lambda method, path: path.startswith(f"/REST/2.0/ticket/{first}/attachments"))
        self.bridged.once(status=1)
        self.stands(first, None)
        self.stands(second, "Unverified")
        self.then_it_is_well(first, "stuck")


    def test_what_rt_forbids_for_a_moment_is_tried_again_and_seen(self):
        self.bridged.once()  # the first look at a queue has to read every ticket
        for status in (403, 404):
            ticket = self.new_ticket(f"moody{status}")
            self.after(1, status, lambda method, path, one=ticket: path.startswith(f"/REST/2.0/ticket/{one}"))
            done = self.bridged.once(status=1)
            self.assertEqual((done["postponed"], done["left_alone"], done["open"]), (1, 0, 1))
            self.then_it_is_well(ticket, f"moody{status}")


class Everywhere(Proxied):
    def test_wherever_rt_falls_silent_the_request_is_done_once(self):
        everything = lambda method, path: "/REST/" in path or "/Ticket/" in path
        count = 1
        while True:
            name = f"step{count}"
            ticket = self.new_ticket(name)
            met = self.after(count, "refuse", everything)
            result = self.bridged.depot.run("bridge", "--once", "--json")
            self.then_it_is_well(ticket, name)
            admitted = [line for line in self.bridged.depot.json("history")["operations"]
                        if name in str(line)]
            self.assertEqual(len(admitted), 1, name)
            if len(met) < count:
                break
            self.assertEqual(result.status, 1, name)
            count += 4
        self.assertGreater(count, 8)


class Away(Bridge):
    """The daemon, and an RT that nobody can connect to."""

    options = {"proxy": True, "poll": 1}

    def test_what_was_done_while_rt_was_away_is_told_when_it_is_back(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("lonely")))
        handed_over = threading.Event()

        def fault(_, path):
            if handed_over.is_set():
                return "refuse"
            if "/attachment/" in path.lower():
                handed_over.set()  # the last thing that RT answers
            return None
        self.bridged.proxy.fault = fault
        self.bridged.start_daemon(healthy=False)
        self.assertTrue(handed_over.wait(60))
        self.bridged.proxy.away()
        self.bridged.wait(lambda: self.bridged.depot.generation() > 1
                          and "lonely-1.0.0" in self.bridged.depot.standing(), "not admitted")
        self.bridged.wait(lambda: self.bridged.http("/healthz")[0] == 503, "nothing is missed")
        self.assertEqual(self.bridged.comments(ticket), [])
        self.assertNotIn("RepoStatus", self.bridged.fields(ticket))
        time.sleep(3)  # several looks at nothing
        self.bridged.proxy.fault = lambda method, path: None
        self.bridged.proxy.back()
        self.bridged.wait_for_ticket(ticket, lambda: self.bridged.comments(ticket), "the ticket is not told")
        self.stands(ticket, "Unverified", "unverified/umd5/releases/lonely-1.0.0/")
        self.bridged.wait(lambda: self.bridged.http("/healthz")[0] == 200, "not well again")
        self.assertEqual(self.bridged.stop_daemon(), 0)
        self.assertEqual(len(self.bridged.comments(ticket)), 1)
        self.assertEqual(self.bridged.depot.generation(), 2)



if __name__ == "__main__":
    unittest.main()
