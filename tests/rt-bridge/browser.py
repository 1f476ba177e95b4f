# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Chromium without a window, driven as a person would: WebDriver, which is JSON over HTTP."""

import http.client
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import program

# No window, no sandbox (tests may run as root), and no talk with the maker's hosts.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--window-size=1400,2000"]
PATIENCE = 30  # seconds until what is waited for has to be there; the machine may be busy
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's name, as the standard has it


class Refused(Exception):
    """What the browser would not do, such as a click on something that is not there yet."""


class Browser:
    def __init__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="sluice-chromium-"))
        self.log = self.scratch / "log"  # of the browser too, so no pipe that nobody reads
        with self.log.open("wb") as log:
            self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=log, stderr=log,
                                           env=program.environment())
        self.session = ""
        try:
            self.port = self._port()
            self.session = "/session/" + self._send("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": {
                    "binary": "/usr/bin/chromium",
                    "args": [*FLAGS, f"--user-data-dir={self.scratch / 'profile'}"]}}}})["sessionId"]
        except BaseException:
            self.close()
            raise

    def _port(self):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(rb"started successfully on port (\d+)", self.log.read_bytes())):
            if self.driver.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"chromedriver: {self.log.read_text(errors='replace')}")
            time.sleep(0.02)
        return int(found.group(1))

    def close(self):
        if self.session:
            self._send("DELETE", "")
        self.driver.terminate()
        self.driver.wait(20)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _send(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, self.session + path,
                               json.dumps(body or {}) if method == "POST" else None)
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise Refused(f"{path}: {value['error']}: {value['message']}")
        return value

    def wait(self, action, what):
        """What `action` gives, once it is neither refused nor nothing."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if result := action():
                    return result
                reason = ""
            except Refused as refused:
                reason = str(refused)
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what} at {self.address()}: {reason}\n{self.text()}")
            time.sleep(0.1)

    def open(self, url):
        self._send("POST", "/url", {"url": url})

    def address(self):
        return self._send("GET", "/url")

    def find(self, what):
        """A part of the page, by CSS or, beginning with //, by XPath."""
        by = "xpath" if what.startswith("//") else "css selector"
        return self._send("POST", "/element", {"using": by, "value": what})[ELEMENT]

    def press(self, what):
        """Now, or it is refused."""
        self._send("POST", f"/element/{self.find(what)}/click")

    def click(self, what):
        """As soon as that is possible."""
        self.wait(lambda: self.press(what) is None, what)

    def type(self, what, text):
        """Also puts a file, by its path, into an input for files."""
        self.wait(lambda: self._send("POST", f"/element/{self.find(what)}/value",
                                     {"text": str(text)}) is None, what)

    def enter(self, what):
        """Goes into a frame; leave() goes back to the page."""
        self.wait(lambda: self._send("POST", "/frame", {"id": {ELEMENT: self.find(what)}}) is None, what)

    def leave(self):
        self._send("POST", "/frame", {"id": None})

    def text_of(self, element):
        return self._send("GET", f"/element/{element}/text")

    def text(self, css="body"):
        """What a reader sees there; nothing if there is no such thing."""
        return self.script("const e = document.querySelector(arguments[0]);"
                           "return e ? e.innerText : ''", css)

    def script(self, text, *arguments):
        return self._send("POST", "/execute/sync", {"script": text, "args": arguments})
