#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what at the sample site, the service account included."""

import os
import sqlite3
import subprocess
import unittest

from plugin import PluginTest, Server, launcher, words

class Rights(PluginTest):
    """RT answers 200 to a forbidden change, so each is read back by root."""

    def may_set(self, user, ticket, field, value):
        self.rt.rest("root").set(ticket, **{field: value[0]})
        self.rt.rest(user).set(ticket, **{field: value[1]})
        return self.rt.rest("root").fields(ticket).get(field) == value[1]

    def test_who_may_set_which_field(self):
        ticket = self.rt.rest("alice").create()
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
        alice = self.rt.rest("alice")
        ticket = alice.create({
            "RepoAction": "MoveToUnverified", "Emergency": "yes", "SyncURL": "https://a.example/x",
            "AssociatedMajorRelease": "umd5", "RepoStatus": "Production",
            "RepositoryURL": "https://evil.example/"})
        self.assertEqual(self.rt.rest("root").fields(ticket), {
            "RepoAction": "MoveToUnverified", "Emergency": "yes",
            "AssociatedMajorRelease": "umd5", "SyncURL": "https://a.example/x"})

    def test_who_may_read_and_answer(self):
        ticket = self.rt.rest("alice").create()
        self.rt.rest("sluice")("POST", f"/ticket/{ticket}/comment",
                          {"Content": "what is wrong with it", "ContentType": "text/plain"})
        can = {}
        for user in ("alice", "albert", "bob", "carol", "dave", "mallory"):
            rest = self.rt.rest(user)
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
        ticket = self.rt.rest("alice").create()
        service, bob = self.rt.rest("sluice"), self.rt.rest("bob")
        bob.set(ticket, RepoAction="DeleteEverything")
        service.set(ticket, RepoStatus="Lost")
        service.set(ticket, RepositoryURL="javascript:alert(1)")
        bob.set(ticket, SyncURL="file:///etc/passwd")
        self.assertEqual(self.rt.rest("root").fields(ticket), {})
        for status in ("Unverified", "Stage-Rollout", "Production", "Deprecated", "Rejected", "Failed",
                       "Uverified", "StateRollOut", "Depreceated"):
            service.set(ticket, RepoStatus=status)
            self.assertEqual(service.fields(ticket)["RepoStatus"], status)

    def test_the_service_hands_a_ticket_to_a_group(self):
        ticket = self.rt.rest("alice").create()
        service = self.rt.rest("sluice")
        service("PUT", f"/ticket/{ticket}", {"CustomRoles": {"Responsible": ["group:technology-unit"]},
                                             "AdminCc": ["group:early-adopters"]})
        _, answer = service("GET", f"/ticket/{ticket}")
        _, groups = service("POST", "/groups", [{"field": "Name", "value": "technology-unit"}])
        self.assertEqual([member["id"] for member in answer["RT::CustomRole-1"]],
                         [groups["items"][0]["id"]])
        self.assertEqual(len(answer["AdminCc"]), 1)
        for user in ("bob", "carol", "dave"):
            page = words(self.rt.web(user).get(f"/Ticket/Display.html?id={ticket}"))
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
        ticket = self.rt.rest("alice").create({"RepoAction": "MoveToUnverified"})
        self.rt.rest("bob").set(ticket, RepoAction="Reject")
        service = self.rt.rest("sluice")
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
        self.assertEqual(os.stat(self.rt.facts["token_file"]).st_mode & 0o777, 0o600)
        script = launcher.PLUGIN / "sbin/sluice-rt-token"
        done = subprocess.run([script, self.rt.facts["token_file"]], capture_output=True, text=True,
                              env=launcher.environment(self.rt.directory), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("File exists", done.stderr)
        self.assertNotIn(self.rt.facts["token"], done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
