#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens beside the usual way of a ticket, in a real RT, with the sluice program."""

import contextlib
import dataclasses
import json
import sqlite3
import unittest

from bridge_case import QUIET, Bridge
from bridged import samples


class Beside(Bridge):
    """What happens beside the usual way of a ticket."""

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

    def test_a_ticket_that_is_merged_after_its_admission_is_left_alone_with_a_note(self):
        ticket, into = (self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
                        for name in ("early", "other"))
        self.bridged.once()
        self.bridged.ask("bob", ticket, "MoveToStageRollOut")
        self.bridged.rt.web("root").post("/Ticket/ModifyLinks.html", {
            "id": ticket, f"{ticket}-MergeInto": into, "SubmitTicket": "Save Changes"})
        done = self.bridged.depot.must("bridge", "--once", "--json")
        counted = json.loads(done.out)
        self.assertGreaterEqual(counted.pop("left_alone"), 1)
        self.assertLessEqual(counted.items(), QUIET.items())
        self.assertIn(f"ticket {ticket} was merged into ticket {into}", done.err)
        self.assertEqual(self.bridged.depot.standing()["early-1.0.0"], "unverified")

    def test_a_ticket_that_rt_has_no_more_is_left_alone_with_a_note(self):
        """As rt-shredder does it: not deleted, but gone."""
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("shred")))
        self.bridged.ticket("alice", fields={})  # SQLite would give the last number again
        self.bridged.once()
        with contextlib.closing(sqlite3.connect(f"{self.bridged.rt.facts['directory']}/rt5.sqlite")) as database:
            database.execute("DELETE FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = ?", (ticket,))
            database.execute("DELETE FROM Tickets WHERE id = ?", (ticket,))
            database.commit()
        self.bridged.depot.must("promote", "shred-1.0.0", "--to", "stage-rollout", "--by", "erin")
        done = self.bridged.depot.must("bridge", "--once", "--json")
        self.assertEqual(json.loads(done.out), QUIET | {"left_alone": 1})
        self.assertIn(f"ticket {ticket} was deleted", done.err)
        self.assertEqual(self.bridged.once(), QUIET)

    def test_a_dry_run_is_checked_and_nothing_is_published(self):
        for provider in ("EMIDRY", "IGEDRY"):
            product = dataclasses.replace(samples.small(f"dry{provider.lower()}"), provider=provider)
            before = self.bridged.depot.generation()
            ticket = self.bridged.ticket("alice", samples.bundle_of(product))
            self.assertEqual(self.bridged.once()["open"], 0)
            comment = self.stands(ticket, None, "")
            self.assertIn("asks for a dry run. It would be admitted", comment)
            self.assertEqual(self.bridged.depot.generation(), before)
            self.assertNotIn(f"{product.name}-1.0.0", self.bridged.depot.standing())
            self.bridged.ask("bob", ticket, "MoveToStageRollOut")
            self.bridged.once()
            self.assertIn("[unknown-release]", self.stands(ticket, "Failed", ""))

    def test_once_ends_with_a_status_that_says_how_it_was(self):
        depot = self.bridged.depot
        self.assertEqual(depot.run("bridge", "--once").status, 0)
        self.assertEqual(depot.run("bridge", "--twice").status, 2)
        configuration = depot.path / "sluice.toml"
        text = configuration.read_text()
        for wrong, status, words in (
                ('queue = "no-such-queue"', 3, "there is no such queue"),
                ('role = "Nobody"', 3, "the queue has no such role"),
                ('poll_second = 1', 1, "poll_second"),
                ('fields = { status = "Mood" }', 3, "the queue has no such custom field")):
            configuration.write_text(text.replace("[bridge]", f"[bridge]\n{wrong}"))
            result = depot.run("bridge", "--once")
            self.assertEqual(result.status, status, str(result))
            self.assertIn(words, result.err)
        configuration.write_text(text.replace(self.bridged.rt.url, "http://127.0.0.1:1"))
        self.assertEqual(depot.run("bridge", "--once").status, 1)
        configuration.write_text(text)


if __name__ == "__main__":
    unittest.main()
