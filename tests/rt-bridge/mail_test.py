#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets mail when it is sluice that writes RepoStatus, as the service account, by REST2."""

import re
import unittest

from bridged import Bridged, descriptor_of, samples

UNIT = ["bob@example.org", "demo@example.org"]
ADOPTERS = ["dave@example.org"]


class Mail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bridged = Bridged()
        cls.addClassCleanup(cls.bridged.close)

    def mailed(self, subject):
        """{what it is about: who got it}, of sluice's scrips, about that ticket."""
        found = {}
        for mail in self.bridged.rt.mails(f": {subject}"):
            about = re.search(r"(Ready to verify|Failed|Please try): ", mail["Subject"])
            if about:
                self.assertNotIn(about.group(1), found, "told twice")
                found[about.group(1)] = sorted(re.findall(r"[\w.]+@example\.org", mail["To"]))
                self.assertIn("/Ticket/Display.html?id=", mail.get_content())
        return found

    def step(self, user, ticket, action):
        self.bridged.ask(user, ticket, action)
        self.bridged.once()

    def test_each_step_is_told_to_those_who_act_next(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("bell")), subject="bell")
        self.bridged.once()
        told = {"Ready to verify": UNIT}
        self.assertEqual(self.mailed("bell"), told)
        self.step("bob", ticket, "MoveToStageRollOut")
        told["Please try"] = ADOPTERS
        self.assertEqual(self.mailed("bell"), told)
        for action in ("MoveToProduction", "Depreceate"):
            self.step("carol", ticket, action)
            self.assertEqual(self.mailed("bell"), told)

    def test_a_mail_says_where_the_release_is(self):
        self.bridged.ticket("alice", samples.bundle_of(samples.small("horn")), subject="horn")
        self.bridged.once()
        mail, = self.bridged.rt.mails("Ready to verify: horn")
        self.assertIn(f"{self.bridged.depot.url}/unverified/umd5/releases/horn-1.0.0/", mail.get_content())

    def test_a_failure_is_told_to_the_technology_unit(self):
        product = samples.small("gong")
        broken = descriptor_of(product).replace(b"</Release>", b"")
        self.bridged.ticket("alice", samples.bundle_of(product), ("release.xml", broken), subject="gong")
        self.bridged.once()
        self.assertEqual(self.mailed("gong"), {"Failed": UNIT})


if __name__ == "__main__":
    unittest.main()
