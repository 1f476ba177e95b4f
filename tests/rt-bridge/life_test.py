#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of tickets, in a real RT, with the sluice program between it and real dnf and apt."""

import unittest

from bridge_case import QUIET, Bridge, rebuilt
from bridged import samples


class Life(Bridge):
    def test_a_release_lives_from_its_ticket_to_the_archive(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("lamp")))
        self.bridged.once()
        comment = self.stands(ticket, "Unverified", "unverified/umd5/releases/lamp-1.0.0/")
        self.assertRegex(comment, r"MoveToUnverified, asked for by alice: done, operation \d+")
        self.assertEqual(self.bridged.responsible(ticket), ["technology-unit"])
        self.offers(comment, "lamp")

        comment = self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        self.assertEqual(self.bridged.responsible(ticket), ["stage-rollout-managers"])
        self.offers(comment, "lamp")
        comment = self.step("carol", ticket, "MoveToProduction", "Production", "production/umd5/")
        self.offers(comment, "lamp")
        comment = self.step("carol", ticket, "Depreceate", "Deprecated", "deprecated/umd5/")
        self.offers(comment, "lamp")
        self.assertEqual(len(self.bridged.comments(ticket)), 4)

    def test_a_rejected_release_is_nowhere(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("lens")))
        self.bridged.once()
        comment = self.step("bob", ticket, "Reject", "Rejected", "")
        self.assertIn("in no repository", comment)
        self.assertNotIn("lens-1.0.0", self.bridged.depot.standing())

    def test_in_an_emergency_staged_rollout_is_left_out(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("fuse")))
        self.bridged.once()
        comment = self.step("carol", ticket, "MoveToProduction", "Failed",
                            "unverified/umd5/releases/fuse-1.0.0/")
        self.assertIn("[wrong-stage]", comment)
        self.bridged.rt.rest("carol").set(ticket, Emergency="yes")
        self.bridged.once()
        self.stands(ticket, "Production", "production/umd5/")

    def test_an_emergency_that_a_provider_asks_for_is_none_until_it_is_granted(self):
        bundle = samples.bundle_of(samples.small("spare", platforms=("el9 x86_64",)), revision="F", emergency=True)
        ticket = self.bridged.ticket("alice", bundle, fields={
            "RepoAction": "MoveToUnverified", "Emergency": "yes"})
        self.bridged.once()
        comment = self.stands(ticket, "Unverified")
        self.assertIn("asked for by alice, and not granted", comment)
        self.assertIn("the group stage-rollout-managers", comment)
        self.assertIn("[emergency-asked]", comment)
        carol = self.bridged.rt.rest("carol")
        self.step("carol", ticket, "MoveToProduction", "Failed", None)
        carol.set(ticket, Emergency=None)
        carol.set(ticket, Emergency="yes")
        self.bridged.once()
        self.stands(ticket, "Production", "production/umd5/el9/")

    def test_tickets_that_ask_for_the_same_move_become_one_commit(self):
        tickets = [self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
                   for name in ("quartet1", "quartet2", "quartet3")]
        self.bridged.once()
        before = self.bridged.depot.generation()
        for ticket in tickets:
            self.bridged.ask("bob", ticket, "MoveToStageRollOut")
        self.bridged.once()
        self.assertEqual(self.bridged.depot.generation(), before + 1)
        for ticket in tickets:
            self.stands(ticket, "Stage-Rollout", "stage-rollout/umd5/")

    def test_requests_of_one_ticket_are_done_in_order_within_one_pass(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("rapid")))
        self.bridged.ask("bob", ticket, "MoveToStageRollOut")
        self.bridged.ask("carol", ticket, "MoveToProduction")
        self.assertEqual(self.bridged.once(), QUIET | {"done": 3})
        self.stands(ticket, "Production", "production/umd5/")
        self.assertEqual(len(self.bridged.comments(ticket)), 3)


class Rules(Bridge):
    """Who may ask for what."""

    def test_who_may_not_ask_changes_nothing_but_gets_an_answer(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("tripod")))
        self.bridged.once()
        self.bridged.ask("carol", ticket, "MoveToStageRollOut")
        self.assertEqual(self.bridged.once(), QUIET | {"not_permitted": 1})
        comment = self.stands(ticket, "Unverified", "unverified/umd5/releases/tripod-1.0.0/")
        self.assertIn("carol may not ask for MoveToStageRollOut", comment)
        self.assertEqual(self.bridged.once(), QUIET)
        self.assertEqual(len(self.bridged.comments(ticket)), 2)

    def test_nobody_sends_their_own_release_to_production(self):
        ticket = self.bridged.ticket("demo", samples.bundle_of(samples.small("solo")))
        self.bridged.once()
        self.step("demo", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        self.bridged.ask("demo", ticket, "MoveToProduction")
        self.bridged.once()
        self.assertIn("[second-person]", self.stands(ticket, "Stage-Rollout"))
        self.bridged.rt.rest("carol").set(ticket, RepoAction=None)
        self.step("carol", ticket, "MoveToProduction", "Production", "production/umd5/")

    def test_whose_bytes_are_admitted(self):
        mine = samples.bundle_of(samples.small("honest"))
        other = samples.bundle_of(rebuilt("honest"))
        ticket = self.bridged.ticket("alice", mine, fields={})
        # dave may answer, and may sign up as a requestor because he may watch.
        dave = self.bridged.rt.rest("dave")("GET", "/user/dave")[1]["id"]
        self.bridged.rt.web("dave").post("/Ticket/ModifyPeople.html", {
            "id": ticket, "SubmitTicket": "Save", f"Ticket-AddWatcher-Principal-{dave}": "Requestor"})
        self.bridged.attach("dave", ticket, other)
        self.bridged.attach("carol", ticket, other)  # may change tickets, but not hand in
        stray = self.bridged.ticket("demo", other, fields={})
        self.bridged.rt.web("root").post("/Ticket/ModifyLinks.html", {
            "id": stray, f"{stray}-MergeInto": ticket, "SubmitTicket": "Save Changes"})
        self.bridged.rt.rest("carol").set(ticket, AssociatedMajorRelease="umd4")
        self.bridged.ask("bob", ticket, "MoveToUnverified")
        self.bridged.once()
        comment = self.stands(ticket, "Unverified", "unverified/umd5/releases/honest-1.0.0/")
        for name in ("of dave", "of carol", "AssociatedMajorRelease of carol", "of demo"):
            self.assertIn(name, comment)
        shown = self.bridged.depot.json("show", "honest-1.0.0")
        self.assertEqual({one["release"] for one in shown["packages"] if one["format"] == "rpm"}, {"1.el9"})
        self.assertLessEqual({"alice", "bob", "dave", "demo"}, set(shown["submitters"]))
        for user in ("alice", "dave"):
            self.bridged.attach(user, ticket, other)
            self.bridged.once()
            comment = self.bridged.comments(ticket)[-1]
            self.assertIn(f"came from {user} after release honest-1.0.0 was admitted", comment)
        self.assertEqual(self.bridged.once(), QUIET)
        self.assertEqual(self.bridged.depot.json("show", "honest-1.0.0"), shown)

    def test_whoever_had_a_hand_in_it_does_not_send_it_to_production(self):
        for_somebody = self.bridged.ticket("bob", samples.bundle_of(samples.small("desk")),
                                           Requestor="demo@example.org")
        by_reply = self.bridged.ticket("bob", fields={})
        self.bridged.attach("demo", by_reply, samples.bundle_of(samples.small("reply")))
        self.bridged.ask("bob", by_reply, "MoveToUnverified")
        self.bridged.once()
        self.bridged.rt.rest("root")("PUT", f"/ticket/{for_somebody}", {"Requestor": []})
        for ticket in (for_somebody, by_reply):
            self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        for ticket in (for_somebody, by_reply):
            self.bridged.ask("demo", ticket, "MoveToProduction")
        self.assertEqual(self.bridged.once(), QUIET | {"not_permitted": 2})
        for ticket in (for_somebody, by_reply):
            self.assertIn("[second-person]", self.stands(ticket, "Stage-Rollout"))


if __name__ == "__main__":
    unittest.main()
