# SPDX-License-Identifier: GPL-3.0-or-later
"""How tests talk to a private RT: start one, use REST2 and the web pages, read its mail; and
Receiver, which stands where sluice's bridge would, well-behaved or not."""

import base64
import email
import email.policy
import http.cookiejar
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

LAUNCHER = pathlib.Path(__file__).resolve().parents[2] / "fixtures/rt/rt_server"


def _load_launcher():
    loader = importlib.machinery.SourceFileLoader("rt_server", str(LAUNCHER))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("rt_server", loader))
    loader.exec_module(module)
    return module


launcher = _load_launcher()


class Server:
    """A running RT. Ends with the test process at the latest."""

    def __init__(self, *options):
        done = subprocess.run([LAUNCHER, "start", "--until-exit-of", str(os.getpid()), *options],
                              stdout=subprocess.PIPE, text=True, check=True)
        self.facts = json.loads(done.stdout)
        self.url = self.facts["url"]
        self.directory = pathlib.Path(self.facts["directory"])
        self.database = None

    def stop(self):
        if self.database:
            self.database.close()
        subprocess.run([LAUNCHER, "stop", self.directory], check=True)

    def news(self, ticket):
        """The number of the last thing that happened to a ticket. Read from the file: to ask RT for a
        ticket costs it 50 ms of processor time, and somebody who waits asks often."""
        if not self.database:
            self.database = sqlite3.connect(f"file:{self.directory}/rt5.sqlite?mode=ro", uri=True, timeout=60)
        (number,), = self.database.execute(
            "SELECT max(id) FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = ?", [ticket]).fetchall()
        return number

    def rest(self, user):
        """REST2 as a person, or with the token of the service account."""
        if user == "sluice":
            return Rest(self.url, user, "token " + self.facts["token"])
        pair = f"{user}:{self.facts['users'][user]}".encode()
        return Rest(self.url, user, "Basic " + base64.b64encode(pair).decode())

    def web(self, user):
        return Web(self.url, user, self.facts["users"][user])

    def mails(self, subject=""):
        """All mails so far whose subject has the text."""
        found = []
        for file in sorted(pathlib.Path(self.facts["mail"]).glob("*.eml")):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if subject in mail["Subject"]:
                found.append(mail)
        return found

    def log(self):
        return pathlib.Path(self.facts["log"]).read_text(errors="replace")


class Rest:
    """REST2. The machine's RT answers 200 to most failures: tests read back what they wrote."""

    def __init__(self, url, user, authorization):
        self.user = user
        self.base = url + "/REST/2.0"
        self.authorization = authorization

    def __call__(self, method, path, body=None):
        """The status and the decoded body."""
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self.authorization, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return error.code, json.loads(text) if text.startswith((b"{", b"[")) else None

    def create(self, fields=None, queue="sw-rel", subject="INFN.argus.el9.x86_64", **more):
        """The number of a new ticket. REST2 does not make the creator its requestor by itself."""
        status, answer = self("POST", "/ticket", {
            "Queue": queue, "Subject": subject, "CustomFields": fields or {},
            "Requestor": self.user + "@example.org", **more})
        if status != 201:
            raise AssertionError(f"no ticket: {status} {answer}")
        return int(answer["id"])

    def set(self, ticket, **fields):
        return self("PUT", f"/ticket/{ticket}", {"CustomFields": fields})

    def fields(self, ticket):
        """The custom fields that are set and visible."""
        _, answer = self("GET", f"/ticket/{ticket}")
        values = {field["name"]: field["values"] for field in answer["CustomFields"]}
        return {name: value[0] for name, value in values.items() if value and value[0] is not None}


class Web:
    """A person with a browser that runs no scripts."""

    def __init__(self, url, user, password):
        self.url = url
        self.user = user
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.opener.addheaders = [("Referer", url + "/")]  # RT asks for it before it changes things
        self.post("/NoAuth/Login.html", {"user": user, "pass": password})

    def get(self, path):
        with self.opener.open(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path, fields):
        """The page RT shows after the form was sent; attachments are (name, type, bytes)."""
        boundary = uuid.uuid4().hex
        body = b""
        for name, value in fields.items():
            file = isinstance(value, tuple)
            extra = f'; filename="{value[0]}"\r\nContent-Type: {value[1]}' if file else ""
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
            body += head.encode() + (value[2] if file else str(value).encode()) + b"\r\n"
        request = urllib.request.Request(
            self.url + path, data=body + f"--{boundary}--\r\n".encode(),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
        with self.opener.open(request, timeout=60) as answer:
            return answer.read().decode()

    def create(self, queue, subject, fields, **more):
        """The number of a ticket made with RT's form; fields by the number of the custom field."""
        form = {"id": "new", "Queue": queue, "Subject": subject, "SubmitTicket": "Create",
                "Requestors": self.user + "@example.org",
                "Content": "see the attachment", "ContentType": "text/plain", **more}
        for number, value in fields.items():
            form[f"Object-RT::Ticket--CustomField-{number}-Values-Magic"] = 1
            form[f"Object-RT::Ticket--CustomField-{number}-Values"] = value
        page = self.post("/Ticket/Create.html", form)
        made = re.search(r"Ticket (\d+) created in queue", page)
        if not made:
            raise AssertionError("RT made no ticket: " + page[:2000])
        return int(made.group(1))


class Receiver:
    """An HTTP peer of the plugin. `mode` says how it answers:
    accept, fail (500), redirect, hang (never), drip (a byte at a time, for ever)."""

    def __init__(self):
        self.mode = "accept"
        self.requests = []
        self.on_request = None  # called before the answer
        self.answers = {}  # path -> (status, bytes)
        self.ended = threading.Event()
        self.socket = None
        self.port = 0
        self.listen()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def listen(self):
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def refuse_connections(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def close(self):
        self.ended.set()
        self.refuse_connections()

    def take(self, path):
        """The requests for a path so far; they are then forgotten."""
        taken = [request for request in self.requests if request["path"] == path]
        self.requests = [request for request in self.requests if request["path"] != path]
        return taken

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                line = stream.readline().decode().split()
                headers = {}
                while (header := stream.readline().strip()):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get("content-length", 0)))
                self.requests.append({"method": line[0], "path": line[1], "headers": headers,
                                      "body": body, "time": time.time()})
                if self.on_request:
                    self.on_request()
                self._answer(connection, line[1])
            except OSError:
                pass  # the plugin gave up on us, as it should

    def _answer(self, connection, path):
        if self.mode == "hang":
            self.ended.wait(30)
        elif self.mode == "drip":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self.ended.wait(0.1):
                connection.sendall(b" ")
        elif self.mode == "redirect":
            connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {self.url}/elsewhere\r\n"
                               "Content-Length: 0\r\n\r\n".encode())
        else:
            status, text = self.answers.get(path, (404 if path.startswith("/release") else 202, b""))
            if self.mode == "fail":
                status, text = 500, b"secret words of the receiver"
            connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n"
                               .encode() + text)


def release_path(ticket):
    return "/release?" + urllib.parse.urlencode({"ticket": ticket})
