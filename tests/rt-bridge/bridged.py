# SPDX-License-Identifier: GPL-3.0-or-later
"""A depot that a real RT drives: the sluice program, RT with the plugin, and a web server over the
public tree, each with a port of its own."""

import base64
import http.client
import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from rt_client import Server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

# pylint: disable=wrong-import-position
import program  # noqa: E402
import samples  # noqa: E402
from apt import Apt  # noqa: E402
from depot import Depot, free_port  # noqa: E402
from dnf import Dnf  # noqa: E402
from server import SluiceServe  # noqa: E402

CONFIGURATION = """
[bridge]
url = "{url}"
{login}
listen = "127.0.0.1:{listen}"
secret_file = "{secret_file}"
poll_seconds = {poll}
two_person = true
{settings}

[bridge.may]
MoveToUnverified = ["group:software-providers", "group:technology-unit"]
MoveToStageRollOut = ["group:technology-unit"]
MoveToProduction = ["group:stage-rollout-managers"]
Reject = ["group:technology-unit", "group:stage-rollout-managers"]
Depreceate = ["carol"]
Emergency = ["group:stage-rollout-managers"]

[bridge.responsible]
unverified = "technology-unit"
stage_rollout = "stage-rollout-managers"
failed = "technology-unit"

[bridge.download]
{download}
"""

PLATFORMS = {"el9": Dnf, "debian12": Apt}


class Bridged:
    """`hooks`: whether RT's reach the bridge; `more` comes before the table [bridge], `settings` in it."""

    def __init__(self, poll=60, download="", proxy=False, rt_options=(), password=False, hooks=True,
                 more="", settings=""):
        self.listen = free_port()
        self.rt = Server("--sluice-url", f"http://127.0.0.1:{self.listen if hooks else 1}",
                         *rt_options)
        self.proxy = Proxy(self.rt.url) if proxy else None
        self.depot = Depot(key_type="ed25519")
        with (self.depot.path / "sluice.toml").open("a") as configuration:
            configuration.write(more + CONFIGURATION.format(
                url=(self.proxy or self.rt).url, login=self._login(password),
                secret_file=self.rt.facts["hook_secret_file"], listen=self.listen, poll=poll,
                download=download, settings=settings))
        self.web = SluiceServe(self.depot).__enter__()
        self.daemon = None

    def _login(self, password):
        if not password:
            return f'token_file = "{self.rt.facts["token_file"]}"'
        file = self.depot.scratch / "rt.password"
        file.touch(mode=0o600)
        file.write_text("sluice-password\n")
        number = self.rt.rest("root")("GET", "/user/sluice")[1]["id"]
        self.rt.web("root").post("/Admin/Users/Modify.html", {  # REST2 sets no passwords
            "id": number, "CurrentPass": self.rt.facts["users"]["root"], "Pass1": "sluice-password",
            "Pass2": "sluice-password", "Enabled": 1, "SetEnabled": 1, "Privileged": 1,
            "SetPrivileged": 1, "Save": "Save Changes"})
        return f'user = "sluice"\npassword_file = "{file}"'

    def close(self):
        if self.daemon:
            self.stop_daemon()
        self.web.__exit__()
        self.depot.close()
        self.rt.stop()
        if self.proxy:
            self.proxy.close()

    def once(self, status=0):
        """One pass; what it did, by kind."""
        done = self.depot.run("bridge", "--once", "--json")
        if done.status != status:
            raise program.Failed(str(done))
        return json.loads(done.out) if done.out else {}

    def start_daemon(self, healthy=True):
        self.log = self.depot.scratch / "bridge.log"
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(self.depot.command("bridge"), stdout=log, stderr=log,
                                           env=program.environment())
        if healthy:
            self.wait(lambda: self.http("/healthz")[0] == 200, "the bridge does not become healthy")

    def stop_daemon(self):
        """Its exit status after SIGTERM."""
        daemon, self.daemon = self.daemon, None
        daemon.terminate()
        return daemon.wait(60)

    def wait(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(what + "\n" + self.log.read_text(errors="replace"))
            time.sleep(0.05)

    def wait_for_ticket(self, ticket, condition, what, seconds=60):
        """As wait(), for what RT says of a ticket: it is only asked when something happened to that."""
        seen = None

        def news():
            nonlocal seen
            before, seen = seen, self.rt.news(ticket)
            return seen != before and condition()
        self.wait(news, what, seconds)

    def http(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.listen}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ticket(self, user, *files, fields=None, **more):
        """A new ticket that asks for MoveToUnverified, with files (paths, or (name, bytes))."""
        return self.rt.rest(user).create(
            {"RepoAction": "MoveToUnverified"} if fields is None else fields,
            Attachments=[attachment(file) for file in files], Content="please", **more)

    def attach(self, user, ticket, *files):
        status, answer = self.rt.rest(user)("POST", f"/ticket/{ticket}/correspond", {
            "Content": "mended", "ContentType": "text/plain",
            "Attachments": [attachment(file) for file in files]})
        if status != 201:
            raise AssertionError(f"no answer: {status} {answer}")

    def ask(self, user, ticket, action):
        self.rt.rest(user).set(ticket, RepoAction=action)

    def fields(self, ticket):
        return self.rt.rest("root").fields(ticket)

    def comments(self, ticket):
        """What sluice wrote, oldest first."""
        rest = self.rt.rest("root")
        _, answer = rest("GET", f"/ticket/{ticket}/attachments?fields=Subject,Creator&per_page=100")
        texts = []
        for item in sorted(answer["items"], key=lambda one: int(one["id"])):
            if item["Creator"]["id"] == "sluice":
                _, one = rest("GET", f"/attachment/{item['id']}")
                texts.append(base64.b64decode(one["Content"]).decode())
        return texts

    def responsible(self, ticket, role="RT::CustomRole-1"):
        """The names of the groups in the role Responsible, or in another."""
        rest = self.rt.rest("root")
        _, answer = rest("GET", f"/ticket/{ticket}")
        return [rest("GET", f"/group/{member['id']}")[1]["Name"]
                for member in answer.get(role) or []]

    def client(self, text, platform):
        """dnf or apt with the client file that a comment names, installed as the comment says."""
        pattern = r"curl -o (\S+) (\S+-" + platform + r"\.\w+)"
        (place, url), = re.findall(pattern, text)
        with urllib.request.urlopen(url, timeout=30) as answer:
            client = PLATFORMS[platform]([enabled(answer.read().decode())])
        # Both programs overlook files whose names they do not like.
        file, = client.scratch.rglob("0.*")
        file.rename(file.with_name(pathlib.PurePath(place).name))
        return client


def enabled(text):
    """Stages that sites do not use by default are shipped disabled."""
    text = re.sub(r"(\[\S+(?<!-source)\]\n(?:.+\n)*?)enabled=0\n", r"\1enabled=1\n", text)
    return re.sub(r"^Enabled: no$", "Enabled: yes", text, flags=re.MULTILINE)


def attachment(file):
    name, content = file if isinstance(file, tuple) else (file.name, file.read_bytes())
    kind = "text/xml" if name.endswith(".xml") else "application/octet-stream"
    return {"FileName": name, "FileType": kind, "FileContent": base64.b64encode(content).decode()}


def descriptor_of(product, **more):
    """The text of the release.xml in the bundle of a product."""
    return (samples.bundle_of(product, "", **more) / "release.xml").read_bytes()


class Proxy:
    """Stands between sluice and RT. `fault(method, path)` says what to do with a request: None (pass
    it on), "refuse" (drop it unseen), "drop" (RT gets it, the answer is lost), "fail" (500), or another status."""

    def __init__(self, url):
        self.target = url.removeprefix("http://")
        self.fault = lambda method, path: None
        self.port = 0
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms between its head and its body

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fault = proxy.fault(self.command, self.path)
                if fault == "refuse":
                    return self.cut()
                rt = http.client.HTTPConnection(proxy.target, timeout=60)
                rt.request(self.command, self.path, body, dict(self.headers))
                answer = rt.getresponse()
                text = answer.read()
                rt.close()
                if fault == "drop":
                    return self.cut()
                self.send_response(500 if fault == "fail" else fault or answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                text = b"" if fault == "fail" else text
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                return None

            def cut(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_PUT = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.handler = Handler
        self.back()
        self.url = f"http://127.0.0.1:{self.port}"

    def back(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def away(self):
        """Connections are refused until it is back."""
        self.server.shutdown()
        self.server.server_close()

    close = away
