#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of tickets, in a real RT, with the sluice program between it and real dnf and apt."""

import unittest

from bridged import Bridged, descriptor_of, samples

QUIET = {"done": 0, "failed": 0, "not_permitted": 0, "left_alone": 0, "open": 0}


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bridged = Bridged()

    @classmethod
    def tearDownClass(cls):
        cls.bridged.close()

    def stands(self, ticket, status, url=None):
        """Checks what the ticket says, and returns sluice's last comment."""
        fields = self.bridged.fields(ticket)
        comments = self.bridged.comments(ticket)
        last = comments[-1] if comments else ""
        self.assertEqual(fields.get("RepoStatus"), status, last)
        if url is not None:
            self.assertEqual(fields.get("RepositoryURL", ""),
                             url and f"{self.bridged.depot.url}/{url}")
        return last

    def offers(self, comment, name, version="1.0.0"):
        for platform in ("el9", "debian12"):
            with self.bridged.client(comment, platform) as client:
                self.assertIn((name, version), client.offered(name), platform)

    def step(self, user, ticket, action, status, url):
        self.bridged.ask(user, ticket, action)
        self.bridged.once()
        return self.stands(ticket, status, url)

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

    def test_a_broken_descriptor_fails_with_a_report_and_is_tried_again_when_mended(self):
        product = samples.small("prism")
        bundle = samples.bundle_of(product)
        broken = descriptor_of(product).replace(b"</Release>", b"</Relaese>")
        ticket = self.bridged.ticket("alice", bundle, ("release.xml", broken))
        self.bridged.once()
        comment = self.stands(ticket, "Failed", "")
        self.assertRegex(comment, r"release\.xml:\d+:\d+: error: .*\[xml-syntax\]")
        self.assertEqual(self.bridged.responsible(ticket), ["technology-unit"])

        self.bridged.attach("alice", ticket, ("notes.txt", b"I am at it"))
        self.bridged.attach("dave", ticket, ("release.xml", descriptor_of(product)))
        self.assertEqual(self.bridged.once()["done"], 0, "tried for nothing, or for a stranger")
        self.bridged.attach("alice", ticket, ("release.xml", descriptor_of(product)))
        self.bridged.once()
        self.stands(ticket, "Unverified", "unverified/umd5/releases/prism-1.0.0/")
        self.assertEqual(len(self.bridged.comments(ticket)), 2)

    def test_what_the_operator_mended_is_tried_again_on_demand(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("mirror"), signed=False))
        self.bridged.once()
        self.assertIn("[unsigned-package]", self.stands(ticket, "Failed"))
        configuration = self.bridged.depot.path / "sluice.toml"
        text = configuration.read_text()
        configuration.write_text(text.replace('signatures = "require"', 'signatures = "allow-unsigned"'))
        try:
            self.bridged.depot.must("bridge", "retry", ticket)
        finally:
            configuration.write_text(text)
        self.stands(ticket, "Unverified")
        self.assertEqual(self.bridged.depot.run("bridge", "retry", ticket).status, 3)

    def test_the_same_action_set_again_is_done_again(self):
        ticket = self.bridged.ticket("alice")
        self.bridged.once()
        self.assertIn("[descriptor-missing]", self.stands(ticket, "Failed"))
        bob = self.bridged.rt.rest("bob")
        bob.set(ticket, RepoAction=None)
        self.assertEqual(self.bridged.once(), QUIET)
        bob.set(ticket, RepoAction="MoveToUnverified")
        self.assertEqual(self.bridged.once(), QUIET | {"failed": 1})
        self.assertEqual(len(self.bridged.comments(ticket)), 2)

    def test_in_an_emergency_staged_rollout_is_left_out(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("fuse")))
        self.bridged.once()
        comment = self.step("carol", ticket, "MoveToProduction", "Failed",
                            "unverified/umd5/releases/fuse-1.0.0/")
        self.assertIn("[wrong-stage]", comment)
        self.bridged.rt.rest("carol").set(ticket, Emergency="yes")
        self.bridged.once()
        self.stands(ticket, "Production", "production/umd5/")

    def test_a_release_flagged_emergency_at_birth_goes_straight_to_production(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("spare")), fields={
            "RepoAction": "MoveToUnverified", "Emergency": "yes"})
        self.bridged.once()
        self.stands(ticket, "Unverified")
        comment = self.step("carol", ticket, "MoveToProduction", "Production", "production/umd5/")
        self.offers(comment, "spare")

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

    def test_a_new_submission_replaces_the_one_in_unverified_and_none_further_on(self):
        first = samples.small("anvil")
        ticket = self.bridged.ticket("alice", samples.bundle_of(first))
        self.bridged.once()
        second = samples.with_file(samples.small("anvil", "1.0.0"), "/usr/share/anvil/more", "more")
        bundle = samples.bundle_of(second)
        self.bridged.attach("alice", ticket, bundle)
        self.assertEqual(self.bridged.once(), QUIET, "an attachment alone asks for nothing")
        bob = self.bridged.rt.rest("bob")
        bob.set(ticket, RepoAction=None)
        bob.set(ticket, RepoAction="MoveToUnverified")
        self.bridged.once()
        comment = self.stands(ticket, "Failed")
        self.assertIn("[same-name-different-content]", comment)

    def test_a_move_by_command_line_is_told_to_the_ticket(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("manual")))
        self.bridged.once()
        self.bridged.depot.must("promote", "manual-1.0.0", "--to", "stage-rollout", "--by", "erin")
        self.bridged.once()
        comment = self.stands(ticket, "Stage-Rollout", "stage-rollout/umd5/")
        self.assertIn("of erin", comment)
        self.assertEqual(self.bridged.once(), QUIET)
        self.assertEqual(len(self.bridged.comments(ticket)), 2)

    def test_deleted_merged_and_moved_tickets_are_left_alone(self):
        bundle = samples.bundle_of(samples.small("ghost"))
        deleted, merged, into, moved = (self.bridged.ticket("alice", bundle) for _ in range(4))
        root = self.bridged.rt.rest("root")
        self.bridged.rt.web("root").get(f"/Ticket/Display.html?id={deleted}")
        root("PUT", f"/ticket/{deleted}", {"Status": "deleted"})
        root("PUT", f"/ticket/{into}", {"Status": "deleted"})
        root("PUT", f"/ticket/{moved}", {"Queue": "General"})
        self.bridged.rt.web("root").post("/Ticket/ModifyLinks.html", {
            "id": merged, f"{merged}-MergeInto": into, "SubmitTicket": "Save Changes"})
        done = self.bridged.once()
        self.assertEqual((done["done"], done["failed"], done["open"]), (0, 0, 0), done)
        self.assertNotIn("ghost-1.0.0", self.bridged.depot.standing())


if __name__ == "__main__":
    unittest.main()
