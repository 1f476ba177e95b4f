#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets mail when RepoStatus changes, in every spelling."""

import re
import time
import unittest

from plugin import PluginTest

class Mail(PluginTest):
    def told_of(self, status, subject):
        """Who got mail with that in its subject when RepoStatus became `status`."""
        name = f"release {time.monotonic_ns()}"
        ticket = self.rt.rest("alice").create(subject=name)
        self.rt.rest("sluice").set(ticket, RepositoryURL=f"https://repo.example/{ticket}/")
        self.rt.rest("sluice").set(ticket, RepoStatus=status)
        mails = self.rt.mails(f"{subject}: {name}")
        for mail in mails:
            text = mail.get_content()
            self.assertIn(f"https://repo.example/{ticket}/", text)
            self.assertIn(f"{self.rt.url}/Ticket/Display.html?id={ticket}", text)
        return [sorted(re.findall(r"[\w.]+@example\.org", mail["To"])) for mail in mails]

    def test_the_technology_unit_hears_of_unverified_and_failed(self):
        unit = [["bob@example.org", "demo@example.org"]]
        self.assertEqual(self.told_of("Unverified", "Ready to verify"), unit)
        self.assertEqual(self.told_of("Uverified", "Ready to verify"), unit)
        self.assertEqual(self.told_of("Failed", "Failed"), unit)

    def test_early_adopters_hear_of_staged_rollout(self):
        self.assertEqual(self.told_of("Stage-Rollout", "Please try"), [["dave@example.org"]])
        self.assertEqual(self.told_of("StateRollOut", "Please try"), [["dave@example.org"]])

    def test_nobody_is_told_of_the_rest(self):
        for status in ("Production", "Rejected", "Deprecated"):
            for subject in ("Ready to verify", "Failed", "Please try"):
                self.assertEqual(self.told_of(status, subject), [])

    def test_the_same_status_again_is_not_news(self):
        ticket = self.rt.rest("alice").create(subject="said once")
        for _ in range(2):
            self.rt.rest("sluice").set(ticket, RepoStatus="Failed")
        self.assertEqual(len(self.rt.mails("Failed: said once")), 1)


if __name__ == "__main__":
    unittest.main()
