#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP server that misbehaves on request: the path says how. Serves a directory below /files/.

Prints its port and serves until its standard input ends."""
import gzip
import hashlib
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

ROOT = sys.argv[1] if len(sys.argv) > 1 else None
LOG = []
SEEN = {}


def pattern(size, seed=b"a"):
    block = b"".join(hashlib.sha256(seed + bytes([i])).digest() for i in range(256))
    return (block * (size // len(block) + 1))[:size]


ENTITY = pattern(1 << 20)
OTHER = pattern(1 << 20, b"b")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def setup(self):
        super().setup()
        self.close_connection = True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        name = url.path.strip("/").split("/")[0].replace("-", "_")
        if name != "log":
            LOG.append({"path": self.path, "range": self.headers.get("Range"),
                        "authorization": self.headers.get("Authorization"),
                        "agent": self.headers.get("User-Agent")})
        SEEN[name] = SEEN.get(name, 0) + 1
        try:
            getattr(self, "on_" + name, self.on_unknown)(query)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def begin(self, status, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()

    def answer(self, status, body, **headers):
        self.begin(status, Content_Length=len(body), **headers)
        self.wfile.write(body)

    def on_log(self, query):
        self.answer(200, json.dumps(LOG).encode())

    def on_unknown(self, query):
        self.answer(404, b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
                    Content_Type="text/html")

    def on_files(self, query):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)[len("/files/"):]
        file = os.path.join(ROOT, path)
        if ROOT is None or ".." in path or not os.path.isfile(file):
            return self.on_unknown(query)
        with open(file, "rb") as opened:
            self.answer(200, opened.read(), Content_Type="application/octet-stream")

    def on_entity(self, query):
        self.answer(200, ENTITY, ETag='"a"')

    def on_other(self, query):
        self.answer(200, OTHER, ETag='"b"')

    def on_html(self, query):
        self.answer(200, b"\xef\xbb\xbf \n<HTML><body>please log in</body></HTML>",
                    Content_Type="application/octet-stream")

    def part(self, entity, etag, half_first=True, say_206=True):
        """The rest that was asked for, or the first half and then nothing."""
        asked = self.headers.get("Range")
        headers = {"ETag": etag} if etag else {}
        if asked and say_206:
            begin = int(asked[len("bytes="):-1])
            end = len(entity) - 1
            self.answer(206, entity[begin:], **headers,
                        Content_Range="bytes %d-%d/%d" % (begin, end, len(entity)))
        else:
            self.begin(200, Content_Length=len(entity), **headers)
            self.wfile.write(entity[:len(entity) // 2] if half_first else entity)

    def on_cut(self, query):
        self.part(ENTITY, '"a"')

    def on_cut_without_validator(self, query):
        self.part(ENTITY, None, half_first=SEEN["cut_without_validator"] == 1)

    def on_changed(self, query):
        if SEEN["changed"] == 1:
            self.part(ENTITY, '"a"')
        elif self.headers.get("If-Range"):
            self.part(OTHER, '"b"', half_first=False, say_206=False)
        else:
            self.part(OTHER, None, half_first=False)

    def on_changed_part(self, query):
        self.part(*((ENTITY, '"a"') if SEEN["changed_part"] == 1 else (OTHER, '"b"')))

    def on_vanished_part(self, query):
        if SEEN["vanished_part"] == 2:
            return self.answer(416, b"", Content_Range="bytes */100")
        self.part(ENTITY, '"a"', half_first=SEEN["vanished_part"] == 1, say_206=False)

    def on_unasked_part(self, query):
        self.answer(206, ENTITY[100:], ETag='"a"',
                    Content_Range="bytes 100-%d/%d" % (len(ENTITY) - 1, len(ENTITY)))

    def on_wrong_part(self, query):
        if SEEN["wrong_part"] == 1:
            return self.part(ENTITY, '"a"')
        self.answer(206, ENTITY[7:], ETag='"a"',
                    Content_Range="bytes 7-%d/%d" % (len(ENTITY) - 1, len(ENTITY)))

    def on_truncated(self, query):
        self.begin(200, Content_Length=len(ENTITY) + 10)
        self.wfile.write(ENTITY)

    def on_huge_length(self, query):
        self.begin(200, Content_Length=10 ** 15)
        self.wfile.write(ENTITY)

    def on_endless(self, query):
        self.begin(200, Transfer_Encoding="chunked")
        while True:
            self.wfile.write(b"10000\r\n" + b"\0" * 0x10000 + b"\r\n")

    def on_broken_chunks(self, query):
        self.begin(200, Transfer_Encoding="chunked")
        self.wfile.write(b"5\r\nhello\r\nzz\r\n")

    def on_endless_headers(self, query):
        self.send_response(200)
        while True:
            for number in range(100):
                self.send_header("X-%d" % number, "y" * 1000)
            self.flush_headers()

    def on_bomb(self, query):
        self.answer(200, gzip.compress(b"\0" * (64 << 20)), Content_Encoding="gzip")

    def on_drip(self, query):
        self.begin(200, Content_Length=1000)
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(1)

    def on_silent(self, query):
        time.sleep(30)

    def on_redirect(self, query):
        self.answer(302, b"", Location=query["to"])

    def on_loop(self, query):
        self.answer(302, b"", Location="/loop?again=" + str(SEEN["loop"]))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
