#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed, or was done already, is asked for again; in a real RT, with the sluice program."""

import unittest

from bridge_case import QUIET, Bridge, offered_builds, rebuilt
from bridged import descriptor_of, samples


class Again(Bridge):
    """What failed, or was done already, is asked for again."""

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
        for number, told in ((ticket, "has no request that failed or waits"), (99999, "RT has no ticket 99999")):
            result = self.bridged.depot.run("bridge", "retry", number)
            self.assertEqual(result.status, 3, result)
            self.assertIn(told, result.err)
        self.bridged.depot.must("reject", "mirror-1.0.0", "--reason", "the line requires signatures again")

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

    def test_what_is_so_already_is_told_and_changes_nothing(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("fixed")))
        self.bridged.once()
        self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        generation = self.bridged.depot.generation()
        self.bridged.ask("bob", ticket, None)
        comment = self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        self.assertIn("nothing to do, it is so already", comment)
        self.assertEqual(self.bridged.depot.generation(), generation)

    def test_a_new_submission_of_a_version_replaces_the_one_in_unverified(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("anvil")))
        self.bridged.once()
        self.bridged.attach("alice", ticket, samples.bundle_of(rebuilt("anvil")))
        self.assertEqual(self.bridged.once(), QUIET, "an attachment alone asks for nothing")
        comment = self.asked_again(ticket)
        self.stands(ticket, "Unverified")
        self.offers(comment, "anvil")
        with self.bridged.client(comment, "el9") as dnf:
            self.assertEqual(offered_builds(dnf, "anvil"), {"2.el9"})
        standing = [release for release in self.bridged.depot.standing() if "anvil" in release]
        self.assertEqual(len(standing), 1)

    def test_a_new_submission_replaces_none_that_went_further(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("ingot")))
        self.bridged.once()
        self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        self.bridged.attach("alice", ticket, samples.bundle_of(rebuilt("ingot")))
        comment = self.asked_again(ticket)
        self.stands(ticket, "Failed", "stage-rollout/umd5/")
        self.assertIn("[wrong-stage]", comment)
        other = self.bridged.ticket("alice", samples.bundle_of(rebuilt("ingot")))
        self.bridged.once()
        self.assertIn("[already-released]", self.stands(other, "Failed", ""))
        self.assertEqual(self.bridged.depot.standing()["ingot-1.0.0"], "stage-rollout")

    def test_other_content_under_the_names_of_packages_is_refused(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("chameleon")))
        self.bridged.once()
        other = samples.with_file(samples.small("chameleon"), "/usr/share/chameleon/more", "more")
        self.bridged.attach("alice", ticket, samples.bundle_of(other))
        self.assertIn("[same-name-different-content]", self.asked_again(ticket))
        self.stands(ticket, "Failed")

    def test_what_is_attached_after_the_admission_does_not_move(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("bait")))
        self.bridged.once()
        admitted = self.bridged.depot.json("show", "bait-1.0.0")["packages"]
        self.bridged.attach("alice", ticket, samples.bundle_of(rebuilt("bait")))
        comment = self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        with self.bridged.client(comment, "el9") as dnf:
            self.assertEqual(offered_builds(dnf, "bait"), {"1.el9"})
        self.assertEqual(self.bridged.depot.json("show", "bait-1.0.0")["packages"], admitted)

    def asked_again(self, ticket):
        self.bridged.ask("bob", ticket, None)
        self.bridged.ask("bob", ticket, "MoveToUnverified")
        self.bridged.once()
        return self.bridged.comments(ticket)[-1]


if __name__ == "__main__":
    unittest.main()
