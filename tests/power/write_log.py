# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk for nbdkit that writes down, in order, whatever is written and when it is flushed.

    nbdkit python write_log.py image=FILE log=FILE

The image is changed too. A record of the log is its offset, its size and its bytes; one of FLUSH has none.
"""

import io
import mmap
import struct

import nbdkit

RECORD = struct.Struct('<qq')
FLUSH = -1
API_VERSION = 2
FILES = {}


def config(key, value):
    FILES[key] = value


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


class Disk:
    def __init__(self):
        with io.open(FILES['image'], 'r+b') as image:
            self.bytes = mmap.mmap(image.fileno(), 0)
        self.log = io.open(FILES['log'], 'ab', buffering=0)  # pylint: disable=consider-using-with

    def note(self, offset, data):
        self.log.write(RECORD.pack(offset, len(data)) + data)


def open(readonly):  # pylint: disable=redefined-builtin,unused-argument  # nbdkit's name
    return Disk()


def get_size(disk):
    return len(disk.bytes)


def can_fua(disk):  # pylint: disable=unused-argument
    return nbdkit.FUA_EMULATE


def pread(disk, buffer, offset, flags):  # pylint: disable=unused-argument
    buffer[:] = disk.bytes[offset:offset + len(buffer)]


def pwrite(disk, buffer, offset, flags):  # pylint: disable=unused-argument
    disk.bytes[offset:offset + len(buffer)] = bytes(buffer)
    disk.note(offset, bytes(buffer))


def zero(disk, count, offset, flags):  # pylint: disable=unused-argument
    pwrite(disk, bytes(count), offset, flags)


def flush(disk, flags):  # pylint: disable=unused-argument
    disk.note(FLUSH, b'')
