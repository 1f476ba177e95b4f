#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What RT tells sluice of a RepoAction, and what that costs the user."""

import json
import pathlib
import time
import unittest

from plugin import PATIENCE, PluginTest, signed_correctly

REPO_ACTION = 2  # number of the custom field; the template is always made alike

class Hook(PluginTest):
    def setUp(self):
        super().setUp()
        self.receiver.take("/hook")

    def only_hook(self):
        hooks = self.receiver.take("/hook")
        self.assertEqual(len(hooks), 1, hooks)
        self.assertTrue(signed_correctly(hooks[0], hooks[0]["body"], self.rt.facts["hook_secret"]))
        self.assertLess(abs(int(hooks[0]["headers"]["x-sluice-timestamp"]) - hooks[0]["time"]), 5)
        return hooks[0], json.loads(hooks[0]["body"])

    def test_a_ticket_created_with_an_action_by_rest_is_told_once(self):
        ticket = self.rt.rest("alice").create({"RepoAction": "MoveToUnverified"})
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
        ticket = self.rt.web("alice").create(
            "sw-rel", "by form", {REPO_ACTION: "MoveToUnverified"},
            Attach=("release.xml", "text/xml", b"<Release/>"))
        _, body = self.only_hook()
        self.assertEqual((body["ticket"], body["new"], body["txn_type"], body["actor"]),
                         (ticket, "MoveToUnverified", "Create", "alice"))
        _, attachments = self.rt.rest("sluice")("GET", f"/ticket/{ticket}/attachments?fields=Filename")
        self.assertIn("release.xml", [item["Filename"] for item in attachments["items"]])

    def test_a_change_is_told_with_old_and_new_value(self):
        ticket = self.rt.rest("alice").create({"RepoAction": "MoveToUnverified"})
        self.receiver.take("/hook")
        self.rt.rest("bob").set(ticket, RepoAction="MoveToStageRollOut", Emergency="yes")
        _, body = self.only_hook()
        self.assertEqual((body["txn_type"], body["old"], body["new"], body["actor"]),
                         ("CustomField", "MoveToUnverified", "MoveToStageRollOut", "bob"))

    def test_a_change_among_others_in_one_request_is_the_one_that_is_told(self):
        ticket = self.rt.rest("bob").create()
        self.rt.rest("bob")("POST", f"/ticket/{ticket}/comment", {
            "Content": "both", "ContentType": "text/plain", "Status": "open",
            "CustomFields": {"Emergency": "no", "RepoAction": "Reject"}})
        _, body = self.only_hook()
        self.assertEqual((body["txn_type"], body["new"]), ("CustomField", "Reject"))

    def test_a_change_by_web_form_is_told(self):
        ticket = self.rt.rest("alice").create()
        name = f"Object-RT::Ticket-{ticket}-CustomField-{REPO_ACTION}-Values"
        self.rt.web("bob").post("/Ticket/Modify.html", {
            "id": ticket, "SubmitTicket": "Save Changes", name: "Reject", name + "-Magic": 1})
        _, body = self.only_hook()
        self.assertEqual((body["ticket"], body["old"], body["new"]), (ticket, None, "Reject"))

    def test_the_transaction_can_be_read_while_the_hook_is_open(self):
        seen = []
        service = self.rt.rest("sluice")
        self.receiver.on_request = lambda: seen.append(service.fields(len(seen) or ticket))
        ticket = self.rt.rest("bob").create()
        try:
            self.rt.rest("bob").set(ticket, RepoAction="MoveToUnverified")
        finally:
            self.receiver.on_request = None
        self.assertEqual(seen, [{"RepoAction": "MoveToUnverified"}])
        _, body = self.only_hook()
        _, answer = service("GET", "/transactions?query=" + "id%20%3D%20" + str(body["transaction"])
                            + "&fields=NewValue,ObjectId,Creator")
        self.assertEqual(answer["items"][0]["NewValue"], "MoveToUnverified")

    def test_what_asks_for_nothing_is_not_told(self):
        bob = self.rt.rest("bob")
        ticket = bob.create({"RepoAction": "MoveToUnverified"})
        self.receiver.take("/hook")
        bob.set(ticket, RepoAction="MoveToUnverified")   # unchanged
        bob.set(ticket, RepoAction=None)                 # cleared
        bob.set(ticket, Emergency="yes")                 # another field
        bob("POST", f"/ticket/{ticket}/comment",
            {"Content": "RepoAction: Reject", "ContentType": "text/plain"})
        self.rt.rest("sluice").set(ticket, RepoStatus="Unverified")
        bob.create()
        self.rt.rest("root").create(queue="General")
        self.assertEqual(self.receiver.take("/hook"), [])
        bob.set(ticket, RepoAction="MoveToUnverified")   # cleared and set: asked again
        self.only_hook()

    def test_a_bad_receiver_costs_the_user_little(self):
        ticket = self.rt.rest("bob").create()
        actions = iter(["MoveToUnverified", "Reject", "MoveToProduction", "Deprecate", "Depreceate"])
        for mode, reason in (("fail", "HTTP status 500"), ("redirect", "HTTP status 302"),
                             ("hang", "no complete answer within 2 s"),
                             ("drip", "no complete answer within 2 s"),
                             ("down", "Connection refused")):
            with self.subTest(mode):
                before = len(self.rt.log())
                self.receiver.mode = mode
                if mode == "down":
                    self.receiver.refuse_connections()
                action = next(actions)
                started = time.monotonic()
                try:
                    status, answer = self.rt.rest("bob").set(ticket, RepoAction=action)
                finally:
                    waited = time.monotonic() - started
                    if mode == "down":
                        self.receiver.listen()
                self.receiver.mode = "accept"
                self.assertLess(waited, PATIENCE)
                self.assertEqual(status, 200, answer)
                self.assertEqual(self.rt.rest("bob").fields(ticket)["RepoAction"], action)
                log = self.rt.log()[before:]
                self.assertRegex(log, rf"it did not confirm transaction \d+ of ticket {ticket}: .*{reason}")
                self.assertNotIn(self.rt.facts["hook_secret"], log)
                self.assertNotIn("secret words", log)
        self.assertEqual(self.receiver.take("/elsewhere"), [])

    def test_nothing_is_sent_unsigned(self):
        file = pathlib.Path(self.rt.facts["hook_secret_file"])
        kept = file.read_text()
        try:
            for content in ("", "too short\n"):
                file.write_text(content)
                before = len(self.rt.log())
                self.rt.rest("bob").create({"RepoAction": "MoveToUnverified"})
                self.assertIn("less than 16 characters", self.rt.log()[before:])
        finally:
            file.write_text(kept)
        self.assertEqual(self.receiver.take("/hook"), [])


if __name__ == "__main__":
    unittest.main()
