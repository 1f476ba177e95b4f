#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of tickets, in a real RT, with the sluice program between it and real dnf and apt."""

import contextlib
import dataclasses
import json
import sqlite3
import unittest

from bridge_case import QUIET, Bridge
from bridged import descriptor_of, samples


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


def rebuilt(name):
    """The same version of a product, built again: its packages have another release number."""
    product = samples.small(name)
    packages = tuple(dataclasses.replace(one, release="2") for one in product.packages)
    return dataclasses.replace(product, packages=packages)


def offered_builds(dnf, name):
    """The release numbers of a package that the repositories offer."""
    return set(dnf.must("--refresh", "repoquery", "--available", "--showduplicates",
                        "--queryformat", "%{release}", name).out.split())



if __name__ == "__main__":
    unittest.main()
