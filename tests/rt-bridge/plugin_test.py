#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""RT-Extension-Sluice in a real RT: what it tells sluice, what it mails, what it shows, and what
the rights of the sample site allow."""

import hashlib
import hmac
import html
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import time
import unittest

from rt_client import Receiver, Server, launcher, release_path

PATIENCE = 4  # seconds a user may have to wait, whatever sluice does
REPO_ACTION = 2  # number of the custom field; the template is always made alike


def setUpModule():
    global RECEIVER, RT
    RECEIVER = Receiver()
    RT = Server("--sluice-url", RECEIVER.url)
    for user in ("alice", "bob"):
        RT.web(user).get("/")  # compiles pages, which is not what is measured here


def tearDownModule():
    log = RT.log()
    RT.stop()
    RECEIVER.close()
    for secret in ("hook_secret", "token"):
        assert RT.facts[secret] not in log, f"the {secret} is in RT's log"
    faults = re.search(r".*(\bdied\b|Use of uninitialized value.*(?i:sluice)).*", log)
    assert not faults, faults.group(0)


def signed_correctly(request, text, secret):
    expected = hmac.new(secret.encode(), f"{request['headers']['x-sluice-timestamp']}.".encode() + text,
                        hashlib.sha256).hexdigest()
    return request["headers"]["x-sluice-signature"] == "sha256=" + expected


class Hook(unittest.TestCase):
    def setUp(self):
        RECEIVER.mode = "accept"
        RECEIVER.take("/hook")

    def only_hook(self):
        hooks = RECEIVER.take("/hook")
        self.assertEqual(len(hooks), 1, hooks)
        self.assertTrue(signed_correctly(hooks[0], hooks[0]["body"], RT.facts["hook_secret"]))
        self.assertLess(abs(int(hooks[0]["headers"]["x-sluice-timestamp"]) - hooks[0]["time"]), 5)
        return hooks[0], json.loads(hooks[0]["body"])

    def test_a_ticket_created_with_an_action_by_rest_is_told_once(self):
        ticket = RT.rest("alice").create({"RepoAction": "MoveToUnverified"})
        hook, body = self.only_hook()
        self.assertEqual(hook["method"], "POST")
        self.assertEqual(hook["headers"]["content-type"], "application/json")
        self.assertEqual(hook["headers"]["x-sluice-event"], "repo_action")
        self.assertEqual(hook["headers"]["x-sluice-delivery"], f"txn-{body['transaction']}")
        self.assertRegex(body.pop("created"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertGreater(body.pop("transaction"), 0)
        self.assertEqual(body, {
            "event": "repo_action", "ticket": ticket, "txn_type": "Create", "queue": "sw-rel",
            "field": "RepoAction", "old": None, "new": "MoveToUnverified", "actor": "alice"})

    def test_a_ticket_created_with_an_action_by_web_form_is_told_once(self):
        ticket = RT.web("alice").create(
            "sw-rel", "by form", {REPO_ACTION: "MoveToUnverified"},
            Attach=("release.xml", "text/xml", b"<Release/>"))
        _, body = self.only_hook()
        self.assertEqual((body["ticket"], body["new"], body["txn_type"], body["actor"]),
                         (ticket, "MoveToUnverified", "Create", "alice"))
        _, attachments = RT.rest("sluice")("GET", f"/ticket/{ticket}/attachments?fields=Filename")
        self.assertIn("release.xml", [item["Filename"] for item in attachments["items"]])

    def test_a_change_is_told_with_old_and_new_value(self):
        ticket = RT.rest("alice").create({"RepoAction": "MoveToUnverified"})
        RECEIVER.take("/hook")
        RT.rest("bob").set(ticket, RepoAction="MoveToStageRollOut", Emergency="yes")
        _, body = self.only_hook()
        self.assertEqual((body["txn_type"], body["old"], body["new"], body["actor"]),
                         ("CustomField", "MoveToUnverified", "MoveToStageRollOut", "bob"))

    def test_a_change_among_others_in_one_request_is_the_one_that_is_told(self):
        ticket = RT.rest("bob").create()
        RT.rest("bob")("POST", f"/ticket/{ticket}/comment", {
            "Content": "both", "ContentType": "text/plain", "Status": "open",
            "CustomFields": {"Emergency": "no", "RepoAction": "Reject"}})
        _, body = self.only_hook()
        self.assertEqual((body["txn_type"], body["new"]), ("CustomField", "Reject"))

    def test_a_change_by_web_form_is_told(self):
        ticket = RT.rest("alice").create()
        name = f"Object-RT::Ticket-{ticket}-CustomField-{REPO_ACTION}-Values"
        RT.web("bob").post("/Ticket/Modify.html", {
            "id": ticket, "SubmitTicket": "Save Changes", name: "Reject", name + "-Magic": 1})
        _, body = self.only_hook()
        self.assertEqual((body["ticket"], body["old"], body["new"]), (ticket, None, "Reject"))

    def test_the_transaction_can_be_read_while_the_hook_is_open(self):
        seen = []
        service = RT.rest("sluice")
        RECEIVER.on_request = lambda: seen.append(service.fields(len(seen) or ticket))
        ticket = RT.rest("bob").create()
        try:
            RT.rest("bob").set(ticket, RepoAction="MoveToUnverified")
        finally:
            RECEIVER.on_request = None
        self.assertEqual(seen, [{"RepoAction": "MoveToUnverified"}])
        _, body = self.only_hook()
        _, answer = service("GET", "/transactions?query=" + "id%20%3D%20" + str(body["transaction"])
                            + "&fields=NewValue,ObjectId,Creator")
        self.assertEqual(answer["items"][0]["NewValue"], "MoveToUnverified")

    def test_what_asks_for_nothing_is_not_told(self):
        bob = RT.rest("bob")
        ticket = bob.create({"RepoAction": "MoveToUnverified"})
        RECEIVER.take("/hook")
        bob.set(ticket, RepoAction="MoveToUnverified")   # unchanged
        bob.set(ticket, RepoAction=None)                 # cleared
        bob.set(ticket, Emergency="yes")                 # another field
        bob("POST", f"/ticket/{ticket}/comment",
            {"Content": "RepoAction: Reject", "ContentType": "text/plain"})
        RT.rest("sluice").set(ticket, RepoStatus="Unverified")
        bob.create()
        RT.rest("root").create(queue="General")
        self.assertEqual(RECEIVER.take("/hook"), [])
        bob.set(ticket, RepoAction="MoveToUnverified")   # cleared and set: asked again
        self.only_hook()

    def test_a_bad_receiver_costs_the_user_little(self):
        ticket = RT.rest("bob").create()
        actions = iter(["MoveToUnverified", "Reject", "MoveToProduction", "Deprecate", "Depreceate"])
        for mode, reason in (("fail", "HTTP status 500"), ("redirect", "HTTP status 302"),
                             ("hang", "no complete answer within 2 s"),
                             ("drip", "no complete answer within 2 s"),
                             ("down", "Connection refused")):
            with self.subTest(mode):
                before = len(RT.log())
                RECEIVER.mode = mode
                if mode == "down":
                    RECEIVER.refuse_connections()
                action = next(actions)
                started = time.monotonic()
                try:
                    status, answer = RT.rest("bob").set(ticket, RepoAction=action)
                finally:
                    waited = time.monotonic() - started
                    if mode == "down":
                        RECEIVER.listen()
                RECEIVER.mode = "accept"
                self.assertLess(waited, PATIENCE)
                self.assertEqual(status, 200, answer)
                self.assertEqual(RT.rest("bob").fields(ticket)["RepoAction"], action)
                log = RT.log()[before:]
                self.assertRegex(log, rf"it was not told of transaction \d+ of ticket {ticket}: .*{reason}")
                self.assertNotIn(RT.facts["hook_secret"], log)
                self.assertNotIn("secret words", log)
        self.assertEqual(RECEIVER.take("/elsewhere"), [])

    def test_nothing_is_sent_unsigned(self):
        file = pathlib.Path(RT.facts["hook_secret_file"])
        kept = file.read_text()
        try:
            for content in ("", "too short\n"):
                file.write_text(content)
                before = len(RT.log())
                RT.rest("bob").create({"RepoAction": "MoveToUnverified"})
                self.assertIn("less than 16 characters", RT.log()[before:])
        finally:
            file.write_text(kept)
        self.assertEqual(RECEIVER.take("/hook"), [])


class Rights(unittest.TestCase):
    """The sample site. RT answers 200 to a forbidden change, so each is read back by root."""

    def setUp(self):
        RECEIVER.mode = "accept"

    def may_set(self, user, ticket, field, value):
        RT.rest("root").set(ticket, **{field: value[0]})
        RT.rest(user).set(ticket, **{field: value[1]})
        return RT.rest("root").fields(ticket).get(field) == value[1]

    def test_who_may_set_which_field(self):
        ticket = RT.rest("alice").create()
        values = {
            "RepoAction": ("Reject", "MoveToProduction"), "Emergency": ("no", "yes"),
            "AssociatedMajorRelease": ("umd4", "umd5"),
            "SyncURL": ("https://a.example/", "https://b.example/"),
            "RepoStatus": ("Failed", "Production"),
            "RepositoryURL": ("https://c.example/", "https://d.example/")}
        asked = {"RepoAction", "Emergency", "AssociatedMajorRelease", "SyncURL"}
        written = {"RepoStatus", "RepositoryURL"}
        allowed = {"alice": set(), "albert": set(), "bob": asked, "carol": asked, "dave": set(),
                   "mallory": set(), "demo": asked, "sluice": written}
        for user, fields in allowed.items():
            may = {field for field, value in values.items()
                   if self.may_set(user, ticket, field, value)}
            self.assertEqual(may, fields, user)

    def test_a_requestor_asks_on_creation_and_writes_no_result(self):
        alice = RT.rest("alice")
        ticket = alice.create({
            "RepoAction": "MoveToUnverified", "Emergency": "yes", "SyncURL": "https://a.example/x",
            "AssociatedMajorRelease": "umd5", "RepoStatus": "Production",
            "RepositoryURL": "https://evil.example/"})
        self.assertEqual(RT.rest("root").fields(ticket), {
            "RepoAction": "MoveToUnverified", "Emergency": "yes",
            "AssociatedMajorRelease": "umd5", "SyncURL": "https://a.example/x"})

    def test_who_may_read_and_answer(self):
        ticket = RT.rest("alice").create()
        RT.rest("sluice")("POST", f"/ticket/{ticket}/comment",
                          {"Content": "what is wrong with it", "ContentType": "text/plain"})
        can = {}
        for user in ("alice", "albert", "bob", "carol", "dave", "mallory"):
            rest = RT.rest(user)
            read = rest("GET", f"/ticket/{ticket}")[0] == 200
            _, history = rest("GET", f"/ticket/{ticket}/history?fields=Type")
            sees_comment = "Comment" in [item["Type"] for item in history["items"]]
            text = {"Content": "hello", "ContentType": "text/plain"}
            replied = rest("POST", f"/ticket/{ticket}/correspond", text)[0] == 201
            commented = rest("POST", f"/ticket/{ticket}/comment", text)[0] == 201
            status, _ = rest("POST", "/ticket", {"Queue": "sw-rel", "Subject": "x"})
            can[user] = "".join(letter if allowed else "-" for letter, allowed in zip(
                "rsacn", (read, sees_comment, replied, commented, status == 201)))
        self.assertEqual(can, {"alice": "rsa-n", "albert": "----n", "bob": "rsacn",
                               "carol": "rsacn", "dave": "rsac-", "mallory": "-----"})

    def test_values_outside_the_lists_are_not_taken(self):
        ticket = RT.rest("alice").create()
        service, bob = RT.rest("sluice"), RT.rest("bob")
        bob.set(ticket, RepoAction="DeleteEverything")
        service.set(ticket, RepoStatus="Lost")
        service.set(ticket, RepositoryURL="javascript:alert(1)")
        bob.set(ticket, SyncURL="file:///etc/passwd")
        self.assertEqual(RT.rest("root").fields(ticket), {})
        for status in ("Unverified", "Stage-Rollout", "Production", "Deprecated", "Rejected", "Failed",
                       "Uverified", "StateRollOut", "Depreceated"):
            service.set(ticket, RepoStatus=status)
            self.assertEqual(service.fields(ticket)["RepoStatus"], status)

    def test_the_service_hands_a_ticket_to_a_group(self):
        ticket = RT.rest("alice").create()
        service = RT.rest("sluice")
        service("PUT", f"/ticket/{ticket}", {"CustomRoles": {"Responsible": ["group:technology-unit"]},
                                             "AdminCc": ["group:early-adopters"]})
        _, answer = service("GET", f"/ticket/{ticket}")
        _, groups = service("POST", "/groups", [{"field": "Name", "value": "technology-unit"}])
        self.assertEqual([member["id"] for member in answer["RT::CustomRole-1"]],
                         [groups["items"][0]["id"]])
        self.assertEqual(len(answer["AdminCc"]), 1)
        for user in ("bob", "carol", "dave"):
            page = words(RT.web(user).get(f"/Ticket/Display.html?id={ticket}"))
            self.assertTrue("AdminCc: Group: early-adopters" in page, user)
            self.assertTrue("Responsible: Group: technology-unit" in page, user)

    def test_the_service_needs_modify_ticket_for_that(self):
        server = Server("--workers", "1")
        self.addCleanup(server.stop)
        # REST2 has no way to change rights, so this goes behind RT's back, before it has cached any.
        with sqlite3.connect(server.directory / "rt5.sqlite") as database:
            gone = database.execute(
                "DELETE FROM ACL WHERE RightName = 'ModifyTicket' AND PrincipalType = 'Group'"
                " AND PrincipalId IN (SELECT g.id FROM Groups g JOIN Users u ON g.Instance = u.id"
                " WHERE g.Domain = 'ACLEquivalence' AND u.Name = 'sluice')")
            self.assertEqual(gone.rowcount, 1)
        ticket = server.rest("alice").create()
        service = server.rest("sluice")
        for change in ({"CustomRoles": {"Responsible": ["group:technology-unit"]}},
                       {"AdminCc": ["group:early-adopters"]}):
            service("PUT", f"/ticket/{ticket}", change)
        _, answer = service("GET", f"/ticket/{ticket}")
        self.assertEqual((answer["RT::CustomRole-1"], answer["AdminCc"]), ([], []))
        service.set(ticket, RepoStatus="Unverified")
        self.assertEqual(service.fields(ticket), {"RepoStatus": "Unverified"})

    def test_the_service_reads_what_it_decides_by(self):
        ticket = RT.rest("alice").create({"RepoAction": "MoveToUnverified"})
        RT.rest("bob").set(ticket, RepoAction="Reject")
        service = RT.rest("sluice")
        self.assertEqual(service.fields(ticket), {"RepoAction": "Reject"})
        _, answer = service(
            "GET", "/transactions?query=TicketId%3D" + str(ticket) + "%20AND%20CFName%3D'RepoAction'"
            "&fields=OldValue,NewValue,Creator&fields[Creator]=Name")
        self.assertEqual(
            [(item["OldValue"], item["NewValue"], item["Creator"]["Name"]) for item in answer["items"]],
            [("MoveToUnverified", "Reject", "bob")])
        _, queue = service("GET", "/queue/sw-rel")
        numbers = {field["name"]: field["id"] for field in queue["TicketCustomFields"]}
        self.assertEqual(set(numbers), {"RepoAction", "RepoStatus", "RepositoryURL", "Emergency",
                                        "AssociatedMajorRelease", "SyncURL"})
        _, field = service("GET", f"/customfield/{numbers['RepoAction']}")
        self.assertEqual(field["Values"], ["MoveToUnverified", "MoveToStageRollOut",
                                           "MoveToProduction", "Reject", "Depreceate", "Deprecate"])
        _, found = service("POST", "/groups", [{"field": "Name", "value": "technology-unit"}])
        _, group = service("GET", f"/group/{found['items'][0]['id']}")
        self.assertEqual({member["id"] for member in group["Members"]}, {"bob", "demo"})

    def test_the_token_is_in_a_file_for_its_owner_only(self):
        self.assertEqual(os.stat(RT.facts["token_file"]).st_mode & 0o777, 0o600)
        script = launcher.PLUGIN / "sbin/sluice-rt-token"
        done = subprocess.run([script, RT.facts["token_file"]], capture_output=True, text=True,
                              env=launcher.environment(RT.directory), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("File exists", done.stderr)
        self.assertNotIn(RT.facts["token"], done.stderr + done.stdout)


class Mail(unittest.TestCase):
    def setUp(self):
        RECEIVER.mode = "accept"

    def told_of(self, status, subject):
        """Who got mail with that in its subject when RepoStatus became `status`."""
        name = f"release {time.monotonic_ns()}"
        ticket = RT.rest("alice").create(subject=name)
        RT.rest("sluice").set(ticket, RepositoryURL=f"https://repo.example/{ticket}/")
        RT.rest("sluice").set(ticket, RepoStatus=status)
        mails = RT.mails(f"{subject}: {name}")
        for mail in mails:
            text = mail.get_content()
            self.assertIn(f"https://repo.example/{ticket}/", text)
            self.assertIn(f"{RT.url}/Ticket/Display.html?id={ticket}", text)
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
        ticket = RT.rest("alice").create(subject="said once")
        for _ in range(2):
            RT.rest("sluice").set(ticket, RepoStatus="Failed")
        self.assertEqual(len(RT.mails("Failed: said once")), 1)


HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"

RELEASE = {
    "release": "argus-1.7.3", "stage": "unverified",
    "url": "https://repo.example/unverified/umd5/releases/argus-1.7.3/",
    "packages": [{"name": "argus-pap", "version": "1.7.3-1.el9", "architecture": "noarch",
                  "platform": "el9"},
                 {"name": "argus", "version": "1.7.3-1", "architecture": "amd64",
                  "platform": "debian12"}],
    "history": [{"operation": 12, "time": "2026-11-22T14:48:57Z", "verb": "admit", "by": "alice",
                 "result": "committed"}]}


def box(page):
    """The plugin's part of a page, or None."""
    found = re.search(r'<div class="sluice-release">.*?\n</div>', page, re.S)
    return found and found.group(0)


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


class Box(unittest.TestCase):
    def setUp(self):
        RECEIVER.mode = "accept"
        self.ticket = RT.rest("alice").create({"RepoAction": "MoveToUnverified"})

    def answer(self, **changes):
        document = {"ticket": self.ticket} | RELEASE | changes
        RECEIVER.answers[release_path(self.ticket)] = (200, json.dumps(document).encode())

    def page(self, user="bob"):
        return RT.web(user).get(f"/Ticket/Display.html?id={self.ticket}")

    def test_it_shows_the_release(self):
        self.answer()
        page = self.page()
        text = words(box(page))
        for expected in ("Release argus-1.7.3", "Stage unverified", "2 packages",
                         "argus-pap 1.7.3-1.el9 noarch el9", "argus 1.7.3-1 amd64 debian12",
                         "12 Sun Nov 22 14:48:57 2026 admit alice committed"):
            self.assertIn(expected, text)
        self.assertIn(f'<a href="{RELEASE["url"]}"', box(page))
        self.assertNotIn("does not answer", text)
        asked = RECEIVER.take(release_path(self.ticket))
        self.assertTrue(signed_correctly(asked[0], f"release?ticket={self.ticket}".encode(),
                                         RT.facts["hook_secret"]))

    def test_a_provider_sees_it_in_self_service(self):
        self.answer()
        page = RT.web("alice").get(f"/SelfService/Display.html?id={self.ticket}")
        self.assertIn("argus-1.7.3", words(box(page)))

    def test_hostile_text_stays_text(self):
        row = {name: HOSTILE for name in ("name", "version", "architecture", "platform", "time",
                                          "verb", "by", "result", "operation")}
        self.answer(release=HOSTILE, stage=HOSTILE, packages=[row], history=[row],
                    url='https://x.example/"onmouseover="alert(1)')
        shown = box(self.page())
        self.assertEqual(words(shown).count(HOSTILE), 11)
        self.assertNotRegex(shown, r"<script|<img|onmouseover=\"|href=")

    def test_only_web_addresses_become_links(self):
        for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example/", " https://a b/",
                    ["https://a/"], {"a": 1}, 7, "https://a\nb"):
            self.answer(url=url)
            RT.rest("sluice").set(self.ticket, RepoStatus="Failed")
            RT.rest("sluice").set(self.ticket, RepoStatus="Unverified")  # a change: asked anew
            self.assertNotIn("href", box(self.page()))

    def test_a_ticket_without_a_release_says_so(self):
        RECEIVER.answers[release_path(self.ticket)] = (404, b"")
        text = words(box(self.page()))
        self.assertIn("Release none yet", text)
        self.assertNotIn("does not answer", text)

    def test_odd_but_legal_answers_do_no_harm(self):
        for changes in ({"packages": None, "history": {}}, {"packages": [1, [], None, {}]},
                        {"release": None}, {"stage": True}, {"packages": [RELEASE["packages"][0]] * 3000}):
            self.answer(**changes)
            RT.rest("sluice").set(self.ticket, RepoStatus="Failed")
            RT.rest("sluice").set(self.ticket, RepoStatus="Unverified")
            self.assertIn("Release", words(box(self.page())))

    def test_other_queues_and_people_without_the_right_get_no_box(self):
        other = RT.rest("root").create(queue="General")
        self.assertIsNone(box(RT.web("root").get(f"/Ticket/Display.html?id={other}")))
        self.assertEqual(RECEIVER.take(release_path(other)), [])

    def test_an_answer_is_kept_until_the_ticket_changes(self):
        server = Server("--workers", "1", "--sluice-url", RECEIVER.url)
        self.addCleanup(server.stop)
        self.ticket = server.rest("alice").create()
        self.answer()
        RECEIVER.take(release_path(self.ticket))
        browser = server.web("bob")
        for _ in range(3):
            browser.get(f"/Ticket/Display.html?id={self.ticket}")
        self.assertEqual(len(RECEIVER.take(release_path(self.ticket))), 1)
        time.sleep(1)  # RT's time of change has seconds
        server.rest("sluice").set(self.ticket, RepoStatus="Stage-Rollout")
        self.answer(stage="stage-rollout")
        page = browser.get(f"/Ticket/Display.html?id={self.ticket}")
        self.assertIn("Stage stage-rollout", words(box(page)))


class SilentService(unittest.TestCase):
    """Each case has an RT of its own: after a failure RT leaves sluice in peace for a while."""

    def ticket_page(self, mode, document=None):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        receiver.mode = mode
        server = Server("--workers", "1", "--sluice-url", receiver.url)
        self.addCleanup(server.stop)
        service = server.rest("sluice")
        ticket = server.rest("alice").create()
        bob = server.web("bob")
        if document is not None:
            receiver.answers[release_path(ticket)] = (200, document)
        if mode == "down":
            receiver.refuse_connections()
            self.addCleanup(receiver.listen)
        server.rest("bob").set(ticket, RepoAction="MoveToUnverified")
        service.set(ticket, RepoStatus="Failed")
        service.set(ticket, RepoStatus="Unverified", RepositoryURL="https://repo.example/u/")
        started = time.monotonic()
        page = bob.get(f"/Ticket/Display.html?id={ticket}")
        self.assertLess(time.monotonic() - started, PATIENCE)
        asked = len(receiver.requests)
        bob.get(f"/Ticket/Display.html?id={ticket}")
        self.assertEqual(len(receiver.requests), asked, "asked again at once")
        self.assertNotIn("secret words", server.log())
        return box(page)

    def check(self, shown):
        text = words(shown)
        self.assertIn("sluice does not answer", text)
        self.assertIn("Stage Unverified", text)
        self.assertIn('<a href="https://repo.example/u/"', shown)
        self.assertRegex(text, r"bob RepoAction MoveToUnverified .* sluice RepoStatus Failed "
                               r".* sluice RepoStatus Failed Unverified")

    def test_down(self):
        self.check(self.ticket_page("down"))

    def test_failing(self):
        self.check(self.ticket_page("fail"))

    def test_redirecting(self):
        self.check(self.ticket_page("redirect"))

    def test_hanging(self):
        self.check(self.ticket_page("hang"))

    def test_dripping(self):
        self.check(self.ticket_page("drip"))

    def test_answering_nonsense(self):
        self.check(self.ticket_page("accept", b"<html>not JSON</html>"))

    def test_answering_for_another_ticket(self):
        self.check(self.ticket_page("accept", json.dumps({"ticket": 99} | RELEASE).encode()))

    def test_answering_too_much(self):
        self.check(self.ticket_page("accept", b" " * 3_000_000 + b"{}"))

    def test_not_configured_the_ticket_still_shows_its_own_story(self):
        server = Server("--workers", "1")
        self.addCleanup(server.stop)
        ticket = server.rest("bob").create({"RepoAction": "MoveToUnverified"})
        server.rest("sluice").set(ticket, RepoStatus="Failed")
        shown = box(server.web("bob").get(f"/Ticket/Display.html?id={ticket}"))
        self.assertIn("Stage Failed", words(shown))
        self.assertNotIn("sluice:", server.log())


class Installation(unittest.TestCase):
    def test_loading_the_data_again_changes_nothing(self):
        server = Server("--workers", "1")
        self.addCleanup(server.stop)

        def counts():
            with sqlite3.connect(server.directory / "rt5.sqlite") as database:
                return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (
                    "Queues", "CustomFields", "CustomFieldValues", "CustomRoles", "ScripConditions",
                    "ScripActions", "Templates", "Scrips", "ObjectScrips", "ObjectCustomFields")]

        before = counts()
        done = subprocess.run(
            ["rt-setup-database-5", "--skip-create", "--action", "insert", "--datafile",
             launcher.PLUGIN / "etc/initialdata"],
            capture_output=True, text=True, env=launcher.environment(server.directory), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(counts(), before)

    def test_every_module_compiles_alone_and_is_documented(self):
        for module in sorted((launcher.PLUGIN / "lib").rglob("*.pm")):
            for command in (["perl", "-c", "-I", launcher.PLUGIN / "lib", "-I", launcher.RT / "lib"],
                            ["podchecker"]):
                done = subprocess.run([*command, module], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_several_run_at_once_and_stop(self):
        servers = [Server("--workers", "1") for _ in range(2)]
        self.assertEqual(len({server.url for server in servers}), 2)
        for server in servers:
            self.assertEqual(server.rest("root")("GET", "/rt")[0], 200)
            server.stop()
            self.assertIsNone(launcher.start_time(server.facts["pid"]))
            self.assertFalse(server.directory.exists())


if __name__ == "__main__":
    unittest.main()
