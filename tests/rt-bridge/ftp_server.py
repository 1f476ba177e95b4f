#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small anonymous ftp server (RFC 959, RFC 2428) for a directory.

Prints its port and serves until its standard input ends."""
import os
import socket
import socketserver
import sys
import threading

ROOT = os.path.realpath(sys.argv[1])


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write((text + "\r\n").encode())

    def place(self, argument):
        path = os.path.normpath(os.path.join(self.directory, argument))
        return ROOT + path if path.startswith("/") else None

    def handle(self):
        self.directory, self.passive = "/", None
        self.say("220 ready")
        for line in self.rfile:
            verb, _, argument = line.decode().strip().partition(" ")
            action = getattr(self, "on_" + verb.lower(), None)
            if action is None:
                self.say("502 no")
            elif action(argument) is False:
                return

    def on_user(self, argument):
        self.say("331 password")

    def on_pass(self, argument):
        self.say("230 in")

    def on_pwd(self, argument):
        self.say('257 "%s"' % self.directory)

    def on_type(self, argument):
        self.say("200 yes")

    def on_cwd(self, argument):
        place = self.place(argument)
        if os.path.isdir(place):
            self.directory = os.path.normpath(os.path.join(self.directory, argument))
            self.say("250 there")
        else:
            self.say("550 no such directory")

    def on_epsv(self, argument):
        self.passive = socket.create_server(("127.0.0.1", 0))
        self.say("229 here (|||%d|)" % self.passive.getsockname()[1])

    def on_size(self, argument):
        place = self.place(argument)
        self.say("213 %d" % os.path.getsize(place) if os.path.isfile(place) else "550 no such file")

    def send(self, data):
        self.say("150 coming")
        connection, _ = self.passive.accept()
        connection.sendall(data)
        connection.close()
        self.passive.close()
        self.say("226 done")

    def on_nlst(self, argument):
        names = sorted(os.listdir(self.place(argument or ".")))
        self.send("".join(name + "\r\n" for name in names).encode())

    def on_retr(self, argument):
        place = self.place(argument)
        if not os.path.isfile(place):
            return self.say("550 no such file")
        with open(place, "rb") as opened:
            self.send(opened.read())

    def on_quit(self, argument):
        self.say("221 bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
