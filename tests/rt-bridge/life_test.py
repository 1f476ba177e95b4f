#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of tickets, in a real RT, with the sluice program between it and real dnf and apt."""

import re
import unittest

from bridged import Bridged, samples


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


if __name__ == "__main__":
    unittest.main()
