# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a .deb (deb(5)) without dpkg-deb."""

import gzip
import hashlib
import io
import lzma
import tarfile


def _tar(files, built):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.GNU_FORMAT) as archive:
        directories = {''}
        for path, data in files:
            for depth in range(2, path.count('/') + 1):
                directories.add('/'.join(path.split('/')[:depth]))
        for directory in sorted(directories):
            entry = tarfile.TarInfo(f'.{directory}/')
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, built
            archive.addfile(entry)
        for path, data in files:
            entry = tarfile.TarInfo(f'.{path}')
            entry.size, entry.mtime = len(data), built
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _control(sample):
    depends = ', '.join(f'{name} (>= {version})' if version else name for name, version in sample.requires)
    fields = (
        ('Package', sample.name), ('Version', f'{sample.version}-1'),
        ('Architecture', 'all' if sample.noarch else 'amd64'),
        ('Maintainer', 'Jane Roe <jroe@example.org>'),
        ('Installed-Size', sum(len(data) for _, data in sample.files) // 1024 + 1),
        ('Depends', depends), ('Section', 'utils'), ('Priority', 'optional'),
        ('Homepage', f'https://{sample.name}.example.org/'),
        ('Description', sample.summary + ''.join(f'\n {line}' for line in sample.description)))
    return ''.join(f'{name}: {value}\n' for name, value in fields if value)


def _member(name, data):
    return f'{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n'.encode() + data + b'\n' * (len(data) % 2)


def write(sample, directory):
    """Returns the path of the new file."""
    sums = ''.join(f'{hashlib.md5(data).hexdigest()}  {path[1:]}\n' for path, data in sample.files)
    control = _tar([('/control', _control(sample).encode()), ('/md5sums', sums.encode())], sample.built)
    data = _tar(sample.files, sample.built)
    path = directory / f'{sample.name}_{sample.version}-1_{"all" if sample.noarch else "amd64"}.deb'
    path.write_bytes(b'!<arch>\n' + _member('debian-binary', b'2.0\n')
                     + _member('control.tar.gz', gzip.compress(control, 1, mtime=0))
                     + _member('data.tar.xz', lzma.compress(data, preset=0)))
    return path
