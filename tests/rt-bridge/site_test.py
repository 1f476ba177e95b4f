#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites that are set up in other ways: two lines, providers, older statuses, a password instead of a token."""

import unittest

from bridge_case import QUIET, Bridge
from bridged import samples


class Lines(Bridge):
    """Two lines live side by side; the ticket says which one is meant."""

    options = {"more": '\n[[line]]\nname = "umd4"\ntitle = "UMD 4"\n'}

    def test_the_ticket_chooses_the_line(self):
        for name, asked, place in (("older", "UMD 4", "umd4/releases/older-1.0.0@umd4/"),
                                   ("newer", "umd5", "umd5/releases/newer-1.0.0/"),
                                   ("usual", None, "umd5/releases/usual-1.0.0/")):
            fields = {"RepoAction": "MoveToUnverified"}
            if asked:
                fields["AssociatedMajorRelease"] = asked
            ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small(name)), fields=fields)
            self.bridged.once()
            comment = self.stands(ticket, "Unverified", f"unverified/{place}")
            self.offers(comment, name)

    def test_a_line_that_there_is_not_is_refused_and_another_one_mends_it(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("astray")), fields={
            "RepoAction": "MoveToUnverified", "AssociatedMajorRelease": "UMD 3"})
        self.bridged.once()
        self.assertIn("UMD 3", self.stands(ticket, "Failed", ""))
        self.bridged.rt.rest("bob").set(ticket, AssociatedMajorRelease="UMD 4")
        self.bridged.once()
        self.stands(ticket, "Unverified", "unverified/umd4/releases/astray-1.0.0@umd4/")


class Providers(Bridge):
    """One provider is a person of RT, the other a group; DEBs, which no signature speaks for."""

    options = {"more": '''
[[provider]]
name = "lumen"
people = ["alice"]
[[provider]]
name = "umbra"
people = ["group:technology-unit"]
packages = ["umbra*", "torch"]
'''}

    def hand_in(self, user, name, version="1.0.0"):
        product = samples.small(name, version, platforms=("debian12 amd64",))
        ticket = self.bridged.ticket(user, samples.bundle_of(product))
        self.bridged.once()
        return ticket

    def admitted(self, ticket, release, provider):
        self.stands(ticket, "Unverified")
        self.assertEqual(self.bridged.depot.json("show", release)["provider"], provider)

    def refused(self, ticket, code):
        self.assertIn(f"[{code}]", self.stands(ticket, "Failed", ""))

    def test_a_deb_is_of_the_provider_whose_people_hand_it_in(self):
        self.admitted(self.hand_in("alice", "torch"), "torch-1.0.0", "lumen")
        self.admitted(self.hand_in("bob", "umbrage"), "umbrage-1.0.0", "umbra")
        self.refused(self.hand_in("bob", "torch", "2.0.0"), "package-owner")
        self.refused(self.hand_in("alice", "umbrage", "2.0.0"), "package-owner")
        self.refused(self.hand_in("bob", "taper"), "provider-scope")

    def test_a_deb_of_nobody_or_of_two_is_refused(self):
        ticket = self.hand_in("albert", "umbra-wick")
        self.refused(ticket, "provider-missing")
        self.bridged.ask("bob", ticket, None)
        self.bridged.ask("bob", ticket, "MoveToUnverified")  # umbra stands for it now
        self.bridged.once()
        self.admitted(ticket, "umbra-wick-1.0.0", "umbra")

        ticket = self.bridged.ticket("alice", samples.bundle_of(
            samples.small("umbra-torch", platforms=("debian12 amd64",))), fields={})
        self.bridged.ask("bob", ticket, "MoveToUnverified")
        self.bridged.once()
        self.refused(ticket, "provider-conflict")


class OldWays(Bridge):
    """A site that keeps the statuses of an older program, and hands tickets to AdminCc."""

    options = {"settings": '''role = "AdminCc"
statuses = {unverified = "Uverified", stage_rollout = "StateRollOut", deprecated = "Depreceated"}'''}

    def test_what_is_written_is_what_the_site_configured(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("relic")), subject="relic")
        self.bridged.once()
        self.stands(ticket, "Uverified", "unverified/umd5/releases/relic-1.0.0/")
        self.assertEqual(self.bridged.responsible(ticket, "AdminCc"), ["technology-unit"])
        self.assertEqual(self.bridged.responsible(ticket), [])
        self.step("bob", ticket, "MoveToStageRollOut", "StateRollOut", "stage-rollout/umd5/")
        self.assertEqual(self.bridged.responsible(ticket, "AdminCc"), ["stage-rollout-managers"])
        self.step("carol", ticket, "MoveToProduction", "Production", "production/umd5/")
        self.step("carol", ticket, "Deprecate", "Depreceated", "deprecated/umd5/")
        for about in ("Ready to verify", "Please try"):
            self.assertEqual(len(self.bridged.rt.mails(f"{about}: relic")), 1, about)


class Password(Bridge):
    """The service account logs in with its name and password."""

    options = {"password": True}

    def test_a_release_is_admitted_and_moved(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("keyless")))
        self.bridged.once()
        self.stands(ticket, "Unverified", "unverified/umd5/releases/keyless-1.0.0/")
        self.step("bob", ticket, "MoveToStageRollOut", "Stage-Rollout", "stage-rollout/umd5/")
        self.assertEqual(self.bridged.once(), QUIET)
        self.assertEqual(len(self.bridged.comments(ticket)), 2)

    def test_a_large_attachment_comes_whole(self):
        product = samples.with_file(samples.small("bulky", platforms=("debian12 amd64",)),
                                    "/usr/share/bulky/noise", samples.random_text(6 << 20))
        ticket = self.bridged.ticket("alice", samples.bundle_of(product))
        self.bridged.once()
        self.stands(ticket, "Unverified")


if __name__ == "__main__":
    unittest.main()
