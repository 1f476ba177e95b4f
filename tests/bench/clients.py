# SPDX-License-Identifier: GPL-3.0-or-later
"""client: what real clients fetch, and how long they take, to follow a move; over HTTP on this machine."""

import http.server
import pathlib
import re
import shutil
import threading
import time

import measure
import sluice
from apt import Apt
from dnf import Dnf
from zypper import Zypper


class Server:
    """Serves a directory and counts the bytes of its answers' bodies."""

    def __init__(self):
        self.sent = 0
        self.root = None
        server = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def translate_path(self, path):
                return str(server.root) + path.partition('?')[0]

            def copyfile(self, source, outputfile):
                server.sent += pathlib.Path(source.name).stat().st_size
                super().copyfile(source, outputfile)

            def log_message(self, *_):
                pass

        self._http = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._http.server_port}'
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class PlainApt(Apt):
    """Fetches whole indexes, as every apt does that was away for longer than patches are kept."""

    name = 'apt, without PDiffs'

    def refresh(self):
        return self.run('apt-get', 'update', '--error-on=any', '-o', 'Acquire::PDiffs=false')


def of_depot(depot):
    """dnf, zypper and apt, set up with the client files of production; a context manager."""
    repo = measure.run(*depot.command('client', 'production', '--platform', 'el9'))
    sources = measure.run(*depot.command('client', 'production', '--platform', 'debian12'))
    keys = {path: next(depot.path.glob(f'public/**/{pathlib.Path(path).name}')).read_text()
            for path in re.findall(r'^Signed-By: (/\S+)$', sources, re.MULTILINE)}
    return _Together(Dnf([repo]), Zypper([repo]), Apt([sources], keys=keys), PlainApt([sources], keys=keys))


class Clients:
    def __init__(self, options, corpus, size):
        self._options, self._corpus, self._size = options, corpus, size
        self._scratch = options.scratch / f'client-{size}'
        self._scratch.mkdir()

    def results(self):
        """{client: [(bytes, seconds)]} of the refreshes that follow a move."""
        server = Server()
        depot = sluice.Depot(self._options.program, self._scratch, server.url)
        server.root = depot.path / 'public'
        try:
            base = [path for form in ('rpm', 'deb') for path in self._corpus.base(form, self._size)]
            updates = [[path for form in ('rpm', 'deb') for path in self._corpus.update(form, turn, self._size)]
                       for turn in range(self._options.turns)]
            came = depot.fill(base, [[(f'update{turn}-', update) for turn, update in enumerate(updates)]])
            with of_depot(depot) as clients:
                return self._follow(server, depot, came.values(), clients)
        finally:
            server.close()
            depot.close()
            shutil.rmtree(self._scratch)

    def _follow(self, server, depot, came, clients):
        for client in clients:
            self._refresh(client)
        costs = {}
        for releases in came:
            depot.promote(releases, 'production')
            for client in clients:
                sent, begin = server.sent, time.monotonic()
                self._refresh(client)
                costs.setdefault(client.name, []).append((server.sent - sent, time.monotonic() - begin))
        return costs

    @staticmethod
    def _refresh(client):
        result = client.refresh()
        if result.status != 0:
            raise SystemExit(str(result))


class _Together(list):
    def __init__(self, *clients):
        super().__init__(clients)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self:
            client.close()
