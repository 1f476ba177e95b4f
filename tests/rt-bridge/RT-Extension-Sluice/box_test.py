#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the box on a ticket's page shows, and to whom."""

import json
import time
import unittest

from plugin import RELEASE, PluginTest, Server, box, release_path, signed_correctly, words

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"

class Box(PluginTest):
    def setUp(self):
        super().setUp()
        self.ticket = self.rt.rest("alice").create({"RepoAction": "MoveToUnverified"})

    def answer(self, **changes):
        document = {"ticket": self.ticket} | RELEASE | changes
        self.receiver.answers[release_path(self.ticket)] = (200, json.dumps(document).encode())

    def page(self, user="bob"):
        return self.rt.web(user).get(f"/Ticket/Display.html?id={self.ticket}")

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
        asked = self.receiver.take(release_path(self.ticket))
        self.assertTrue(signed_correctly(asked[0], f"release?ticket={self.ticket}".encode(),
                                         self.rt.facts["hook_secret"]))

    def test_a_provider_sees_it_in_self_service(self):
        self.answer()
        page = self.rt.web("alice").get(f"/SelfService/Display.html?id={self.ticket}")
        self.assertIn("argus-1.7.3", words(box(page)))

    def test_hostile_text_stays_text(self):
        row = {name: HOSTILE for name in ("name", "version", "architecture", "platform", "time",
                                          "verb", "by", "result", "operation")}
        self.answer(release=HOSTILE, stage=HOSTILE, packages=[row], history=[row],
                    url='https://x.example/"onmouseover="alert(1)')
        shown = box(self.page())
        self.assertEqual(words(shown).count(HOSTILE), 11)
        self.assertNotRegex(shown, r"<script|<img|onmouseover=\"|href=")

    def test_what_reorders_or_hides_text_is_shown_by_its_number(self):
        self.answer(release="a\u202eb", packages=[{"name": "c\u2066d", "version": "\u200e1",
                                                  "architecture": "\x9b2J", "platform": "el9"}])
        shown = words(box(self.page()))
        for expected in ("a\\u{202e}b", "c\\u{2066}d \\u{200e}1 \\u{009b}2J el9"):
            self.assertIn(expected, shown)
        self.assertNotRegex(shown, "[\u202e\u2066\u200e\x9b]")

    def test_only_web_addresses_become_links(self):
        for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example/", " https://a b/",
                    ["https://a/"], {"a": 1}, 7, "https://a\nb"):
            self.answer(url=url)
            self.rt.rest("sluice").set(self.ticket, RepoStatus="Failed")
            self.rt.rest("sluice").set(self.ticket, RepoStatus="Unverified")  # a change: asked anew
            self.assertNotIn("href", box(self.page()))

    def test_a_ticket_without_a_release_says_so(self):
        self.receiver.answers[release_path(self.ticket)] = (404, b"")
        text = words(box(self.page()))
        self.assertIn("Release none yet", text)
        self.assertNotIn("does not answer", text)

    def test_odd_but_legal_answers_do_no_harm(self):
        for changes in ({"packages": None, "history": {}}, {"packages": [1, [], None, {}]},
                        {"release": None}, {"stage": True}, {"packages": [RELEASE["packages"][0]] * 3000}):
            self.answer(**changes)
            self.rt.rest("sluice").set(self.ticket, RepoStatus="Failed")
            self.rt.rest("sluice").set(self.ticket, RepoStatus="Unverified")
            self.assertIn("Release", words(box(self.page())))

    def test_other_queues_and_people_without_the_right_get_no_box(self):
        other = self.rt.rest("root").create(queue="General")
        self.assertIsNone(box(self.rt.web("root").get(f"/Ticket/Display.html?id={other}")))
        self.assertEqual(self.receiver.take(release_path(other)), [])

    def test_an_answer_is_kept_until_the_ticket_changes(self):
        server = Server("--workers", "1", "--sluice-url", self.receiver.url)
        self.addCleanup(server.stop)
        self.ticket = server.rest("alice").create()
        self.answer()
        self.receiver.take(release_path(self.ticket))
        browser = server.web("bob")
        for _ in range(3):
            browser.get(f"/Ticket/Display.html?id={self.ticket}")
        self.assertEqual(len(self.receiver.take(release_path(self.ticket))), 1)
        time.sleep(1)  # RT's time of change has seconds
        server.rest("sluice").set(self.ticket, RepoStatus="Stage-Rollout")
        self.answer(stage="stage-rollout")
        page = browser.get(f"/Ticket/Display.html?id={self.ticket}")
        self.assertIn("Stage stage-rollout", words(box(page)))


if __name__ == "__main__":
    unittest.main()
