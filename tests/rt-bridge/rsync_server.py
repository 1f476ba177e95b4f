#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real rsync daemon with one module, "release", for a directory.

Prints its port and serves until its standard input ends."""
import os
import socket
import subprocess
import sys
import tempfile
import time

CONFIGURATION = """
use chroot = no
address = 127.0.0.1
{user}
[release]
path = {root}
read only = yes
"""


def main():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "rsyncd.conf")
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(CONFIGURATION.format(
                root=os.path.realpath(sys.argv[1]),
                # Otherwise root's daemon becomes nobody, who cannot read a test's directory.
                user="uid = 0\ngid = 0" if os.getuid() == 0 else ""))
        with subprocess.Popen(["rsync", "--daemon", "--no-detach", "--config=" + file,
                               "--port=%d" % port, "--log-file=/dev/null"]) as daemon:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.02)
            print(port, flush=True)
            sys.stdin.read()
            daemon.terminate()


main()
