#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of tickets, in a real RT, with the sluice program between it and real dnf and apt."""

import concurrent.futures
import os
import shutil
import sys
import time
import unittest

from bridged import Bridged, FileServer, descriptor_of, samples

REPO_ACTION = 2  # number of the custom field; the template is always made alike

QUIET = {"done": 0, "failed": 0, "not_permitted": 0, "left_alone": 0, "open": 0}


class Bridge(unittest.TestCase):
    """Each class has an RT and a depot of its own, so that they run side by side."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.bridged = Bridged(**cls.options)

    @classmethod
    def tearDownClass(cls):
        try:
            cls.bridged.depot.must("verify")
        finally:
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


class Silence(Bridge):
    """RT, or the way to it, fails at the worst moments."""

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

    def test_a_ticket_is_told_of_an_operation_when_rt_is_back(self):
        ticket = self.new_ticket("away")
        self.after(1, "refuse", lambda method, path: method == "PUT")
        self.bridged.once(status=1)
        self.assertEqual(self.bridged.depot.standing()["away-1.0.0"], "unverified")
        self.assertEqual(self.bridged.comments(ticket), [])
        self.assertEqual(self.then_it_is_well(ticket, "away"), 0)

    def test_an_update_whose_answer_was_lost_is_not_a_second_one(self):
        ticket = self.new_ticket("lost")
        self.after(1, "drop", lambda method, path: method == "PUT")
        self.bridged.once(status=1)
        self.assertEqual(self.bridged.fields(ticket)["RepoStatus"], "Unverified")
        self.assertEqual(self.then_it_is_well(ticket, "lost"), 0)

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

    def test_an_attachment_that_cannot_be_read_blames_nobody_and_stops_nobody(self):
        first = self.new_ticket("stuck")
        second = self.new_ticket("free")
        self.after(1, "fail", lambda method, path: path.startswith(f"/REST/2.0/ticket/{first}/attachments"))
        self.bridged.once(status=1)
        self.stands(first, None)
        self.stands(second, "Unverified")
        self.then_it_is_well(first, "stuck")


class Elsewhere(Bridge):
    """Packages that are not attached."""

    @classmethod
    def setUpClass(cls):
        cls.files = samples.workshop() / "served"
        cls.files.mkdir()
        cls.http = FileServer(cls.files)
        cls.options = {"download": 'allowed_hosts = ["127.0.0.1:%d"]\n'
                                   'allowed_networks = ["127.0.0.0/8"]' % cls.http.port}
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.http.close()

    def test_an_archive_at_the_ticket_s_sync_url(self):
        archive = samples.bundle_of(samples.small("remote"))
        shutil.copy(archive, self.files / "remote.tar.gz")
        ticket = self.bridged.ticket("alice", fields={
            "RepoAction": "MoveToUnverified", "SyncURL": self.http.url + "/remote.tar.gz"})
        self.bridged.once()
        comment = self.stands(ticket, "Unverified", "unverified/umd5/releases/remote-1.0.0/")
        self.offers(comment, "remote")

    def test_packages_at_the_urls_of_the_descriptor(self):
        product = samples.small("listed", platforms=("el9 x86_64",))
        bundle = samples.bundle_of(product, "", revision="F")
        text = (bundle / "release.xml").read_text()
        for rpm in bundle.rglob("*.rpm"):
            shutil.copy(rpm, self.files)
            text = text.replace(f'url="" filename="{rpm.name}"',
                                f'url="{self.http.url}/{rpm.name}" filename="{rpm.name}"')
        self.assertIn(self.http.url, text)
        ticket = self.bridged.ticket("alice", ("release.xml", text.encode()))
        self.bridged.once()
        self.stands(ticket, "Unverified", "unverified/umd5/releases/listed-1.0.0/")

    def test_a_page_that_says_not_found_is_no_package(self):
        (self.files / "gone.tar.gz").write_text("<!DOCTYPE html><title>404 Not Found</title>")
        for name, code in (("gone.tar.gz", "download-content"), ("never.tar.gz", "download-failed")):
            ticket = self.bridged.ticket("alice", fields={
                "RepoAction": "MoveToUnverified", "SyncURL": f"{self.http.url}/{name}"})
            self.bridged.once()
            self.assertIn(f"[{code}]", self.stands(ticket, "Failed", ""))

    def test_hosts_that_are_not_configured_are_not_asked(self):
        ticket = self.bridged.ticket("alice", fields={
            "RepoAction": "MoveToUnverified", "SyncURL": self.bridged.rt.url + "/x.tar.gz"})
        self.bridged.once()
        self.assertIn("[download-forbidden]", self.stands(ticket, "Failed", ""))


class Following(Bridge):
    """The daemon. It polls so rarely that what it does, it does because of a hook."""

    options = {"poll": 600}

    def setUp(self):
        self.bridged.start_daemon()

    def tearDown(self):
        if self.bridged.daemon:
            self.assertEqual(self.bridged.stop_daemon(), 0)

    def reaches(self, ticket, status, seconds=60):
        self.bridged.wait(lambda: self.bridged.fields(ticket).get("RepoStatus") == status
                          and self.bridged.comments(ticket), f"ticket {ticket}: not {status}", seconds)

    def test_from_ticket_to_installable_in_ten_seconds_with_36_packages(self):
        product = samples.OBSERVATORY
        bundle = samples.bundle_of(product)
        packages = [p for p in samples.bundle_of(product, "").rglob("*") if p.suffix in (".rpm", ".deb")]
        self.assertGreaterEqual(len(packages), 36)
        begin = time.monotonic()
        ticket = self.bridged.ticket("alice", bundle)
        self.reaches(ticket, "Unverified")
        taken = time.monotonic() - begin
        print(f"{len(packages)} packages: {taken:.1f} s", file=sys.stderr)
        self.assertLess(taken, 10 * float(os.environ.get("SLUICE_SLOWNESS", "1")))

    def test_fifty_tickets_at_once_are_each_done_once(self):
        files = [samples.bundle_of(samples.small(f"many{n}", platforms=("debian12 amd64",)))
                 for n in range(50)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tickets = list(pool.map(lambda file: self.bridged.ticket("alice", file), files))
        for ticket in tickets:
            self.reaches(ticket, "Unverified", 300)
        for ticket in tickets:
            self.assertEqual(len(self.bridged.comments(ticket)), 1)
        operations = [one for one in self.bridged.depot.json("history")["operations"]
                      if "many" in str(one)]
        self.assertEqual(len(operations), 50)

    def test_monitoring_and_the_ticket_page_are_answered(self):
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("watch")))
        self.reaches(ticket, "Unverified")
        self.assertEqual(self.bridged.http("/healthz")[0], 200)
        status, text = self.bridged.http("/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'(?m)^sluice_bridge_requests_total\{result="done"\} [1-9]')
        self.assertEqual(self.bridged.http(f"/release?ticket={ticket}")[0], 401)
        page = self.bridged.rt.web("bob").get(f"/Ticket/Display.html?id={ticket}")
        self.assertIn("watch-1.0.0", page)
        self.assertIn("unverified/umd5/releases/watch-1.0.0/", page)

    def test_a_ticket_made_with_rt_s_form_is_followed(self):
        bundle = samples.bundle_of(samples.small("form"))
        ticket = self.bridged.rt.web("alice").create(
            "sw-rel", "by form", {REPO_ACTION: "MoveToUnverified"},
            Attach=(bundle.name, "application/gzip", bundle.read_bytes()))
        self.reaches(ticket, "Unverified")

    def test_what_happened_while_it_was_away_is_done_at_start(self):
        self.assertEqual(self.bridged.stop_daemon(), 0)
        ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small("late")))
        self.bridged.start_daemon()
        self.reaches(ticket, "Unverified")

    def test_a_second_process_does_not_follow_the_same_depot(self):
        self.assertEqual(self.bridged.depot.run("bridge", "--once").status, 1)

    def test_it_survives_a_kill_in_the_middle(self):
        for delay in (0.1, 0.3, 0.5, 0.7, 0.9, 1.2):
            name = f"kill{int(delay * 10)}"
            ticket = self.bridged.ticket("alice", samples.bundle_of(samples.small(name)))
            time.sleep(delay)
            self.bridged.daemon.kill()
            self.bridged.daemon.wait()
            self.bridged.start_daemon()
            self.reaches(ticket, "Unverified")
            self.assertEqual(len(self.bridged.comments(ticket)), 1)
            operations = [one for one in self.bridged.depot.json("history")["operations"]
                          if name in str(one)]
            self.assertEqual(len(operations), 1)


if __name__ == "__main__":
    unittest.main()
