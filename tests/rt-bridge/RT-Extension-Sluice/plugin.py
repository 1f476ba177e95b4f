# SPDX-License-Identifier: GPL-3.0-or-later
"""A real RT with the plugin, and a receiver in the place of sluice: what the tests here begin with."""

import hashlib
import hmac
import html
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from rt_client import Receiver, Server, launcher, release_path  # noqa: E402,F401

PATIENCE = 4  # seconds a user may have to wait, whatever sluice does

RELEASE = {
    "release": "argus-1.7.3", "stage": "unverified",
    "url": "https://repo.example/unverified/umd5/releases/argus-1.7.3/",
    "packages": [{"name": "argus-pap", "version": "1.7.3-1.el9", "architecture": "noarch",
                  "platform": "el9"},
                 {"name": "argus", "version": "1.7.3-1", "architecture": "amd64",
                  "platform": "debian12"}],
    "history": [{"operation": 12, "time": "2026-11-22T14:48:57Z", "verb": "admit", "by": "alice",
                 "result": "committed"}]}


class PluginTest(unittest.TestCase):
    """Each class has an RT of its own, so that they run side by side."""

    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.close)
        cls.rt = Server("--sluice-url", cls.receiver.url)
        cls.addClassCleanup(cls.stop_and_read_log)
        for user in ("alice", "bob"):
            cls.rt.web(user).get("/")  # compiles pages, which is not what is measured here

    @classmethod
    def stop_and_read_log(cls):
        log = cls.rt.log()
        cls.rt.stop()
        for secret in ("hook_secret", "token"):
            assert cls.rt.facts[secret] not in log, f"the {secret} is in RT's log"
        faults = re.search(r".*(\bdied\b|Use of uninitialized value.*(?i:sluice)).*", log)
        assert not faults, faults.group(0)

    def setUp(self):
        self.receiver.mode = "accept"


def signed_correctly(request, text, secret):
    expected = hmac.new(secret.encode(), f"{request['headers']['x-sluice-timestamp']}.".encode() + text,
                        hashlib.sha256).hexdigest()
    return request["headers"]["x-sluice-signature"] == "sha256=" + expected


def box(page):
    """The plugin's part of a page, or None."""
    found = re.search(r'<div class="sluice-release">.*?\n</div>', page, re.S)
    return found and found.group(0)


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
