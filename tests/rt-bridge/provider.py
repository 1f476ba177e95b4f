# SPDX-License-Identifier: GPL-3.0-or-later
"""What a software provider runs: a web server, an ftp and an rsync server, and repositories made with
the tools that providers make them with."""

import contextlib
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent


class WebServer:
    """Serves a directory, and continues downloads. `requested` are the paths asked for so far; the
    files in `cut` are cut off in the middle the first time; /endless never ends."""

    def __init__(self, directory):
        self.requested = []
        self.ranges = []
        self.cut = set()
        server = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=directory)

            def do_GET(self):
                server.requested.append(self.path)
                server.ranges.append(self.headers.get("Range"))
                file = pathlib.Path(self.translate_path(self.path))
                if self.path == "/endless.tar.gz":
                    self.endless()
                elif file.is_file() and (self.path in server.cut or self.headers.get("Range")):
                    self.part(file.read_bytes())
                else:
                    super().do_GET()

            def part(self, content):
                asked = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
                begin = int(asked[1]) if asked else 0
                self.send_response(206 if asked else 200)
                self.send_header("ETag", '"the same"')
                self.send_header("Content-Length", str(len(content) - begin))
                if asked:
                    self.send_header("Content-Range",
                                     f"bytes {begin}-{len(content) - 1}/{len(content)}")
                self.end_headers()
                cut = self.path in server.cut
                server.cut.discard(self.path)
                self.wfile.write(content[begin:len(content) // 2] if cut else content[begin:])
                self.close_connection = True

            def endless(self):
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"\x1f\x8b\x08")
                    while True:
                        self.wfile.write(bytes(1 << 20))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Helper:
    """ftp_server.py or rsync_server.py over a directory; it ends with its standard input."""

    def __init__(self, program, directory):
        self.process = subprocess.Popen([sys.executable, HERE / program, directory], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _run(command, directory, output=None):
    subprocess.run(command, cwd=directory, stdout=output, check=True,
                   env={**os.environ, "LC_ALL": "C.UTF-8"})


def _gpg(key, *arguments, directory):
    _run(["gpg", "--batch", "--quiet", "--homedir", key.home, "--yes", "--local-user",
          key.fingerprint, *arguments], directory)


def make_yum(directory, packages, key=None):
    """A yum repository of package files, signed if there is a key."""
    (directory / "Packages").mkdir(parents=True)
    for package in packages:
        shutil.copy(package, directory / "Packages")
    _run(["createrepo_c", "--quiet", "."], directory)
    if key:
        _gpg(key, "--armor", "--detach-sign", "repodata/repomd.xml", directory=directory)


def make_apt(directory, packages, key=None):
    """An apt repository with the suite "stable" of package files, with InRelease if there is a key."""
    (directory / "pool").mkdir(parents=True)
    index = directory / "dists/stable/main/binary-amd64"
    index.mkdir(parents=True)
    for package in packages:
        shutil.copy(package, directory / "pool")
    with (index / "Packages").open("wb") as file:
        _run(["apt-ftparchive", "packages", "pool"], directory, file)
    _run(["gzip", "-9nk", index / "Packages"], directory)
    with (directory / "dists/Release").open("wb") as file:
        _run(["apt-ftparchive", "-o", "APT::FTPArchive::Release::Suite=stable",
              "-o", "APT::FTPArchive::Release::Components=main",
              "-o", "APT::FTPArchive::Release::Architectures=amd64", "release", "dists/stable"],
             directory, file)
    (directory / "dists/Release").rename(directory / "dists/stable/Release")
    if key:
        _gpg(key, "--clearsign", "--output", "dists/stable/InRelease", "dists/stable/Release",
             directory=directory)
