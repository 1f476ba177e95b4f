# SPDX-License-Identifier: GPL-3.0-or-later
"""The public tree as others copy and serve it: mirrors by rsync, a repository by itself, every kind of URL."""

import pathlib
import subprocess
import tempfile
import threading
import unittest

import program
import reader
import samples
import server
from depot import Depot

YUM = 'production/umd5/el9/x86_64'
APT = 'production/umd5/debian12'


def mirror(source, target):
    """As packaging/README.md has it."""
    rsync('-a', f'{source}/current', f'{target}/.current.next')
    rsync('-aH', '--exclude=/current', f'{source}/', target)
    program.must('mv', '-T', f'{target}/.current.next', f'{target}/current')
    rsync('-aH', '--delete-after', '--exclude=/current', f'{source}/', target)


def rsync(*arguments):
    # 24: files vanished before they could be copied.
    if subprocess.run(['rsync', *map(str, arguments)], check=False).returncode not in (0, 24):
        raise program.Failed(f'rsync {arguments}')


def seen(base):
    """Names of packages; every file that an index names is asked for."""
    return reader.yum(f'{base}/{YUM}')[1], reader.apt(f'{base}/{APT}', 'umd5')[1]


class Mirrors(unittest.TestCase):
    def test_a_mirror_that_starts_empty_is_whole_at_every_moment(self):
        with Depot() as depot, tempfile.TemporaryDirectory() as scratch:
            target = pathlib.Path(scratch) / 'mirror'
            target.mkdir()
            depot.publish(samples.small('first'))
            done, faults, looks = threading.Event(), [], [0]

            def work():
                try:
                    for number in range(6):
                        depot.publish(samples.small(f'more{number}'))
                finally:
                    done.set()

            def look():
                while not done.is_set():
                    if not (target / 'current').exists():
                        continue
                    try:
                        self.assertIn('first', seen(f'file://{target}')[0])
                        pinned = (target / 'current').resolve()
                        self.assertIn('first', seen(f'file://{pinned}')[1])
                        looks[0] += 1
                    except Exception as fault:  # told by the thread that may fail the test
                        faults.append(fault)
                        return

            threads = [threading.Thread(target=one) for one in (work, look)]
            for thread in threads:
                thread.start()
            while not done.is_set():
                mirror(depot.public, target)
            for thread in threads:
                thread.join()
            self.assertEqual(faults, [])
            self.assertGreater(looks[0], 2)
            mirror(depot.public, target)
            self.assertEqual(seen(f'file://{target}'), seen(f'file://{depot.public}'))
            self.assertEqual(subprocess.run(['diff', '-r', '--no-dereference', depot.public, target], check=False).returncode, 0)

    def test_a_repository_can_be_copied_by_itself(self):
        with Depot() as depot, tempfile.TemporaryDirectory() as scratch:
            release = depot.admit(samples.small('alone'))
            depot.admit(samples.small('other'))
            for number, path in enumerate((f'unverified/umd5/releases/{release}/el9/x86_64',
                                           f'current/{YUM}', 'unverified/umd5/el9/x86_64')):
                copy = pathlib.Path(scratch) / str(number)
                rsync('-rtL', f'{depot.public}/{path}/', copy)
                names = reader.yum(f'file://{copy}')[1]
                self.assertEqual(names, reader.yum(f'file://{depot.public}/{path}')[1])
                self.assertFalse([file for file in copy.rglob('*') if file.is_symlink()])
                self.assertEqual(len(list((copy / 'Packages').rglob('*.rpm'))) > 0, number != 1)


class Urls(unittest.TestCase):
    def test_every_kind_of_url_has_the_whole_repository(self):
        with Depot() as depot:
            depot.publish(samples.small('first'))
            expected = seen(f'file://{depot.public}')
            release = depot.admit(samples.small('second'))
            own = f'unverified/umd5/releases/{release}/el9/x86_64'
            for kind in server.ALL:
                with self.subTest(kind.__name__), kind(depot):
                    generation = f'{depot.url}/generations/{depot.generation():06}'
                    for base in (depot.url, f'{depot.url}/current', generation):
                        self.assertEqual(seen(base), expected)
                    for repository in (own, YUM, 'unverified/umd5/el9/x86_64'):
                        base = f'{depot.url}/{repository}'
                        pinned = reader.fetch(f'{base}/mirrorlist').decode().strip()
                        self.assertEqual(reader.yum(pinned), reader.yum(base))
                        self.assertIn('/generations/', pinned)
                    for name in (f'umd5-unverified-{release}-el9.repo', 'umd5-production-debian12.sources'):
                        self.assertIn(b'umd5', reader.fetch(f'{depot.url}/client/{name}'))
                    self.assertIn(b'PUBLIC KEY', reader.fetch(f'{depot.url}/keys/sluice.asc'))


if __name__ == '__main__':
    unittest.main()
