#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a ticket through RT's web pages, in a real browser, with `sluice bridge` running."""

import re
import unittest

from bridged import Bridged, descriptor_of, samples
from browser import Browser, Refused

BOX = ".sluice-release"


class Pages(unittest.TestCase):
    """What people do in RT's pages. The bridge polls so rarely that it acts because of hooks."""

    @classmethod
    def setUpClass(cls):
        cls.bridged = Bridged(poll=600, rt_options=["--no-keep-alive"])
        cls.addClassCleanup(cls.bridged.close)
        cls.bridged.start_daemon()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def log_in(self, user):
        self.browser.open(self.bridged.rt.url + "/NoAuth/Logout.html")
        self.browser.open(self.bridged.rt.url)
        self.browser.type("input[name=user]", user)
        self.browser.type("input[name=pass]", self.bridged.rt.facts["users"][user])
        self.browser.click("input[value=Login]")
        self.reads("#li-preferences, #preferences", user)

    def reads(self, where, *texts):
        """Waits until the page says all that; gives what it says there."""
        def seen():
            said = self.browser.text(where)
            return all(text in said for text in texts) and said
        return self.browser.wait(seen, f"{texts} in {where}")

    def choose(self, field, value):
        """RT hides its selects behind menus that a script makes of them. A menu may be there before
        its script is, and then a click does nothing."""
        row = f'//div[contains(@class,"edit-custom-field")][.//span[.="{field}:"]]'

        def chosen():
            said = self.browser.find(row + '//button[@data-toggle="dropdown"]')
            if value in self.browser.text_of(said):
                return True
            try:
                self.browser.press(row + f'//span[@class="text" and .="{value}"]')
            except Refused:
                self.browser.press(row + '//button[@data-toggle="dropdown"]')
            return False
        self.browser.wait(chosen, f"{value} in the menu of {field}")

    def hand_in(self, subject, *files):
        """The number of a ticket that was made with RT's form."""
        self.browser.click("#CreateTicketInQueue [type=submit]")
        self.browser.type("input[name=Subject]", subject)
        self.browser.enter("iframe.cke_wysiwyg_frame")
        self.browser.type("body", "Please take this in.")
        self.browser.leave()
        self.choose("RepoAction", "MoveToUnverified")
        for file in files:
            # Each is sent at once, by a script. RT makes a new input for the next one.
            self.browser.type("input.dz-hidden-input", file)
            self.browser.wait(lambda: file.name in self.browser.text(".dropzone .dz-success:last-child"),
                              f"{file.name} uploaded")
        self.browser.click("#SubmitTicket input[value=Create]")
        made = self.reads("body", "created in queue")
        return int(re.search(r"Ticket (\d+) created in queue", made).group(1))

    def ask(self, ticket, action):
        """By the form behind "Basics" of the ticket's menu."""
        self.browser.open(self.bridged.rt.url + f"/Ticket/Display.html?id={ticket}")
        self.browser.click("#page-basics")
        self.choose("RepoAction", action)
        self.browser.click("input[value='Save Changes']")
        self.reads("body", f"changed to {action}")

    def stands(self, ticket, status, stage, url, said):
        """Waits until the ticket's page shows that and sluice's comment; gives the text of the box
        and of the history. A person has to load the page again to see news, and so do we."""
        url = url and f"{self.bridged.depot.url}/{url}"

        def seen():
            self.browser.open(self.bridged.rt.url + f"/Ticket/Display.html?id={ticket}")
            if not (status in self.browser.text(".custom-field-RepoStatus")
                    and url in self.browser.text(".custom-field-RepositoryURL")
                    and stage in self.browser.text(BOX) and url in self.browser.text(BOX)):
                return None
            if self.browser.text(f"{BOX} .sluice-silent"):
                return None  # asked too late on a busy machine; a later page asks again
            history = self.reads(".history", "Ticket created")  # a script fetches it after the page
            return said in history and (re.sub(r"\s+", " ", self.browser.text(BOX)), history)
        return self.browser.wait(seen, f"{status} on the page of ticket {ticket}")

    def depot_has(self, release, stage):
        """The command line knows the same as the page."""
        shown = self.bridged.depot.json("show", release)
        self.assertEqual((shown["stage"], self.bridged.depot.standing().get(release)), (stage, stage))


class Life(Pages):
    def test_a_release_lives_from_its_ticket_to_the_archive(self):
        self.log_in("alice")
        ticket = self.hand_in("lamp 1.0.0", samples.bundle_of(samples.small("lamp")))
        box, history = self.stands(
            ticket, "Unverified", "unverified", "unverified/umd5/releases/lamp-1.0.0/",
            "MoveToUnverified, asked for by alice: done")
        for text in ("Release lamp-1.0.0", "Stage unverified", "2 packages", "lamp 1.0.0-1.el9 x86_64 el9",
                     "lamp 1.0.0-1 amd64 debian12", "admit alice committed"):
            self.assertIn(text, box)
        self.assertIn("To install from there", history)
        self.depot_has("lamp-1.0.0", "unverified")

        for user, action, status, stage, verb in (
                ("bob", "MoveToStageRollOut", "Stage-Rollout", "stage-rollout", "promote"),
                ("carol", "MoveToProduction", "Production", "production", "promote"),
                ("carol", "Depreceate", "Deprecated", "deprecated", "deprecate")):
            self.log_in(user)
            self.ask(ticket, action)
            box, _ = self.stands(ticket, status, stage, f"{stage}/umd5/",
                                 f"{action}, asked for by {user}: done")
            self.assertIn(f"Stage {stage}", box)
            self.assertIn(f"{verb} {user} committed", box)
            self.depot_has("lamp-1.0.0", stage)

    def test_a_broken_descriptor_is_explained_on_the_page(self):
        product = samples.small("prism")
        broken = samples.workshop() / "release.xml"
        broken.write_bytes(descriptor_of(product).replace(b"</Release>", b"</Relaese>"))
        self.log_in("alice")
        ticket = self.hand_in("prism 1.0.0", samples.bundle_of(product), broken)
        box, history = self.stands(
            ticket, "Failed", "Failed", "",
            "MoveToUnverified, asked for by alice: this could not be done, and nothing was changed")
        self.assertIn("Release none yet", box)
        self.assertRegex(history, r"release\.xml:\d+:\d+: error: .*Relaese.*\[xml-syntax\]")
        self.assertIn("To have it tried again, attach what was mended", history)
        self.assertNotIn("prism-1.0.0", self.bridged.depot.standing())


if __name__ == "__main__":
    unittest.main()
