# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of a benchmark: so many of each format, and newer versions of some of them.

    <directory>/rpm/base-0-1000/*.rpm  packages 0 to 999
    <directory>/rpm/update-3-of-1000/*.rpm  20 newer versions, spread over names as chance has it
    <directory>/rpm/releases-2/*.rpm   packages of many small releases
    <directory>/rpm/heavy-300/*.rpm    packages of 1 MB
    <directory>/deb/debian/*.deb       packages of Debian itself

What is there already is used again, so that the next run begins at once.
"""

import concurrent.futures
import os
import pathlib

import deb
import measure
import rpm
import sample

WRITERS = {'rpm': rpm, 'deb': deb}
UPDATED = 20  # packages in an update
HEAVY = 300

# Small and common ones of all kinds: programs, libraries, headers, scripts, documents, fonts.
DEBIAN = '''
adduser aptitude-common at autoconf automake bash-completion bc binutils-common bison bsdextrautils bsdutils
build-essential bzip2 ca-certificates coreutils cpio cron curl dash debconf debhelper debianutils diffutils
dirmngr dnsutils dos2unix dpkg-dev e2fsprogs ed fakeroot file findutils flex fonts-dejavu-core g++ gawk gcc
gdbm-l10n gettext-base gnupg gpgv grep groff-base gzip hostname htop ifupdown init-system-helpers iproute2
iputils-ping jq kmod less libacl1 libapt-pkg6.0 libarchive13 libattr1 libblkid1 libbz2-dev libc-bin libcap2
libcurl4 libdb5.3 libedit2 libevent-2.1-7 libexpat1-dev libffi-dev libfreetype6 libgcrypt20 libgmp-dev
libgnutls30 libicu-dev libjpeg62-turbo libjson-c5 liblz4-1 liblzma5 libmagic1 libncurses6 libnettle8
libnghttp2-14 libpam-modules libpcre2-8-0 libpng16-16 libpython3-stdlib libreadline8 libseccomp2 libselinux1
libsqlite3-0 libssh2-1 libssl-dev libstdc++6 libsystemd0 libtasn1-6 libtinfo6 libuuid1 libxml2 libyaml-0-2
libzstd1 login logrotate lsof m4 make man-db manpages mawk mount nano ncurses-bin netbase openssh-client
openssl patch pkg-config procps psmisc
'''.split()


def _write(directory, form, numbers, update, weight):
    return [str(WRITERS[form].write(sample.sample(number, update, weight), directory)) for number in numbers]


class Corpus:
    def __init__(self, directory):
        self._directory = pathlib.Path(directory)

    def base(self, form, count, begin=0):
        """The paths of `count` packages, beginning with number `begin`."""
        return self._files(form, f'base-{begin}-{count}', range(begin, begin + count), 0)

    def update(self, form, turn, count):
        """Newer versions of 20 of the first `count`; those of different turns are different."""
        step = count // UPDATED
        return self._files(form, f'update-{turn}-of-{count}', range(turn % step, step * UPDATED, step), turn + 1)

    def numbered(self, form, name, numbers):
        """{number: path} of any packages."""
        return dict(zip(numbers, self._files(form, name, numbers, 0), strict=True))

    def heavy(self):
        """RPMs of 1 MB each."""
        return self._files('rpm', f'heavy-{HEAVY}', range(HEAVY), 0, 1_000_000)

    def debian(self):
        """Packages that Debian made, from the machine's mirror; none without one."""
        directory = self._directory / 'deb/debian'
        directory.mkdir(parents=True, exist_ok=True)
        if not (directory / '.complete').exists():
            measure.run('apt-get', '-o', 'APT::Sandbox::User=', 'download', *DEBIAN, cwd=directory)
            (directory / '.complete').touch()
        return sorted(directory.glob('*.deb'))

    def _files(self, form, name, numbers, update, weight=0):
        directory = self._directory / form / name
        directory.mkdir(parents=True, exist_ok=True)
        # The list of names is written last: without it the files are made again.
        listing = directory / '.names'
        if not listing.exists():
            pieces = [numbers[i:i + 500] for i in range(0, len(numbers), 500)]
            with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as processes:
                found = processes.map(_write, *zip(*((directory, form, piece, update, weight) for piece in pieces)))
                paths = [path for piece in found for path in piece]
            listing.write_text(''.join(f'{pathlib.Path(path).name}\n' for path in paths))
        return [directory / line for line in listing.read_text().splitlines()]
