#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the box shows when sluice is silent, slow or wrong."""

import json
import time
import unittest

from plugin import PATIENCE, RELEASE, Receiver, Server, box, release_path, words

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


if __name__ == "__main__":
    unittest.main()
