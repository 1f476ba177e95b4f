# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles for tests, each built once for the whole run, and the provider who signs them."""

import atexit
import dataclasses
import functools
import pathlib
import random
import shutil
import sys
import tempfile

from program import ROOT

sys.path.insert(0, str(ROOT / 'fixtures'))

# pylint: disable=wrong-import-position
from bundles import archive, bundle, descriptor  # noqa: E402,F401
from packages import key, spec, tree  # noqa: E402,F401

LANTERN = spec.load(ROOT / 'fixtures/products/lantern.product')
OBSERVATORY = spec.load(ROOT / 'fixtures/products/observatory.product')


@functools.cache
def workshop():
    """A directory that lasts as long as the run."""
    path = pathlib.Path(tempfile.mkdtemp(prefix='sluice-samples-'))

    def clear():
        provider().close()
        shutil.rmtree(path, ignore_errors=True)
    atexit.register(clear)
    return path


@functools.cache
def provider():
    """The provider whose key every test depot trusts."""
    return key.Key(workshop() / 'provider')


@functools.cache
def _product_bundle(product, suffix, revision, signed, emergency):
    name = f'{len(list(workshop().iterdir()))}-{product.name}-{product.version}{suffix}'
    return bundle.build(product, workshop() / name, revision, provider() if signed else None,
                        emergency)


def bundle_of(product, suffix='.tar.gz', revision='E', signed=True, emergency=False):
    return _product_bundle(product, suffix, revision, signed, emergency)


def small(name, version='1.0.0', platforms=('el9 x86_64', 'debian12 amd64')):
    """A product of one package for each platform: quick to build and to admit."""
    return spec.parse(
        f'product {name} {version}\n'
        + ''.join(f'platform {words}\n' for words in platforms)
        + f'package {name} {version}-1\n  file /usr/share/{name}/about {name}\n')


def with_file(product, path, text):
    """`product` with one more file in its first package."""
    first, *others = product.packages
    first = dataclasses.replace(first, files=first.files + ((path, text),))
    return dataclasses.replace(product, packages=(first, *others))


def random_text(size):
    """Text that hardly compresses, the same in every run."""
    return random.Random(1).randbytes(size // 2).hex()


def repacked(product, suffix):
    """The packages of bundle_of(product), in another container: the same bytes of packages."""
    directory = bundle_of(product, '')
    return archive.pack(directory, workshop() / f'{len(list(workshop().iterdir()))}-again{suffix}')
