# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that wish a server ill: a thousand at a time, each again as soon as it is thrown out."""

import errno
import pathlib
import random
import socket
import threading
import time

TICK = 0.05  # how often all get their turn; the machine has other work to do
DRIP = 1.0


class Client:
    """Begins a request and never ends it."""

    def __init__(self, crowd, address):
        self.crowd, self.address = crowd, address
        self.socket, self.due = None, 0.0

    def connect(self):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')  # no TIME_WAIT
        self.socket.bind((self.address, 0))
        self.socket.connect_ex(('127.0.0.1', self.crowd.port))

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def turn(self, now):
        try:
            if self.socket is None:
                self.connect()
                self.due = now
                return
            if self.is_out():
                self.crowd.thrown_out += 1
                self.close()
            elif now >= self.due:
                self.due = now + self.pause
                self.act()
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise
            self.close()

    def is_out(self):
        try:
            return self.socket.recv(self.reads) == b''
        except BlockingIOError:
            return False

    pause = DRIP
    reads = 4096

    def act(self):
        pass


class Idle(Client):
    pass


class Dripping(Client):
    begun = False

    def connect(self):
        super().connect()
        self.begun = False

    def act(self):
        self.socket.send(b'a' if self.begun else b'POST /hook HTTP/1.1\r\nHost: x\r\nX-Y: ')
        self.begun = True


class Endless(Client):
    """A header, a line or a body without end."""
    pause = 0

    def connect(self):
        super().connect()
        self.rest = random.choice((b'GET /', b'GET / HTTP/1.1\r\nX: ',
                                   b'POST /hook HTTP/1.1\r\nContent-Length: 60000\r\n\r\n',
                                   b'POST /hook HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n'))

    def act(self):
        self.socket.send(self.rest or bytes(b'a' * 8192))
        self.rest = b''


class Fields(Endless):
    """Many short fields."""

    def act(self):
        self.socket.send(self.rest or b'GET / HTTP/1.1\r\n')
        self.rest = b'X: y\r\n' * 1000


class Hungry(Client):
    """Asks for much, again and again, and reads a byte a second at most."""
    reads = 1
    path = '/'

    def connect(self):
        super().connect()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def is_out(self):
        try:
            self.socket.send(b'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' % self.path.encode())
        except BlockingIOError:
            pass
        return False


ALL = (Idle, Dripping, Endless, Fields, Hungry)


class Crowd:
    """`count` clients of all kinds, from so many addresses of the loopback network."""

    def __init__(self, port, count=1000, addresses=1, kinds=ALL, path='/'):
        self.port, self.thrown_out = port, 0
        self.clients = [kinds[i % len(kinds)](self, f'127.0.0.{2 + i // len(kinds) % addresses}')
                        for i in range(count)]
        for client in self.clients:
            client.path = path
        self.leaving = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.leaving.wait(TICK):
            now = time.monotonic()
            for client in self.clients:
                if self.leaving.is_set():
                    break
                client.turn(now)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.leaving.set()
        self.thread.join()
        for client in self.clients:
            client.close()


def resident(process, field='VmRSS'):
    """Megabytes."""
    text = pathlib.Path(f'/proc/{process.pid}/status').read_text()
    return int(text.partition(field + ':')[2].split()[0]) / 1024
