# SPDX-License-Identifier: GPL-3.0-or-later
"""Time travel: the environment that makes programs believe in another time."""

import contextlib
import os
import pathlib


def shifted(offset):
    """Variables for an offset such as "+10d". By library, so that what a program starts has it too."""
    library, *_ = pathlib.Path('/usr/lib').glob('*/faketime/libfaketime.so.1')
    return {'FAKETIME': offset, 'LD_PRELOAD': str(library), 'FAKETIME_DONT_FAKE_MONOTONIC': '1'}


@contextlib.contextmanager
def at(offset):
    """Whatever is started meanwhile believes that it is another time."""
    saved = dict(os.environ)
    os.environ.update(shifted(offset))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
