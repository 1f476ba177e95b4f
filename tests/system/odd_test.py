# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that are odd in every way that is admitted: clients read the index with them, install them,
and install others from beside them."""

import pathlib
import tempfile
import unittest

import hostile
import machine
import program
import samples
import server
from depot import Depot
from packages import rpm

# Every form of relation that is admitted; the package can be installed with anchor.
RELATIONS = '''\
Pre-Depends: nowhere (>= 1:2.36-1~) | anchor
Depends: anchor, anchor (>= 1.0.0-1),anchor(>=1.0),
 anchor (<< 2:1.0-3~x+y),
  anchor ( <= 1:0 ) , anchor:amd64 (>> 0.9), anchor (< 2),\tanchor (> 0.1), anchor (= 1.0.0-1),
 nowhere:any (>= 3.9) | nowhere:native|libFoo_bar (= 1.0+2) | a.b+c-d (>= 0:1) | anchor
Recommends: nowhere | elsewhere (>= 1)
Suggests: nowhere (>= 1a), UPPER_case
Enhances: anchor
Breaks: anchor (<< 0.5), nowhere:any (>> 3)
Conflicts: nowhere, elsewhere (= 3)
Replaces: anchor (<= 0.5), nowhere
Provides: torch, lamp (= 1.0), libFoo_baz (= 1:1.0+2), cell:any (= 1)
Built-Using: gcc-12 (= 12.2.0-14), glibc (= 2.36-9+deb12u1)
Static-Built-Using: golang-1.19 (= 1.19.8-2)
X-Custom: \u2603 & <b>
'''

# Old change logs are in Latin-1.
SPEC = '''\
Name: beacon
Version: 1.0.0
Release: 1%{?dist}
Summary: A \u2603 & <b>"beacon"</b> ]]> \\ %% \U0001f6a8
License: ASL 2.0
Requires: anchor >= 1.0.0
Requires: (anchor or nowhere)
Requires: (anchor if beacon)
Recommends: (nowhere with elsewhere)
Suggests: nowhere
Supplements: (anchor unless beacon)
Enhances: nowhere = 2:3~4^5-6
Provides: torch(\u00fcber&<b>) = 1:2~3^4-5, torch:(x)
Obsoletes: elsewhere < 3
Conflicts: nowhere < 0:1
%description
\tProse of \u65e5\u672c\u8a9e & <b>.

  ]]> &amp; &#1; \u202f \u00ad
%install
cp -a %{_payload}/. %{buildroot}/
%files
/usr/share/beacon
%changelog
* Mon Jun 21 2021 J\u00fcrgen <"&'@example.org> - 1:1.0~x
- \u2603 & <b>, ]]> %%
* Sun Jun 20 2021 LATIN1 <x@example.org>
- LATIN1
'''
LATIN1 = b'J\xfcrgen \xa4\xff\xc3 & <b>'

FILES = ('a b', "it's", '"', '&amp; <b> ]]>', '\\n', '%', '#?;', '\u2603', 'e\u0301', '\u00e9', '\U0001f6a8',
         '.hidden', '-rf', '$(true)', 'x' * 200, '\u05d0')


def odd_rpm(file):
    """Puts it in the place of `file`."""
    with tempfile.TemporaryDirectory(prefix='odd-') as scratch:
        top = pathlib.Path(scratch)
        directory = top / 'payload/usr/share/beacon'
        directory.mkdir(parents=True)
        for name in FILES:
            (directory / name).write_text(name)
        spec = top / 'beacon.spec'
        spec.write_bytes(SPEC.encode().replace(b'LATIN1', LATIN1))
        program.must('rpmbuild', '-bb', '--quiet', '--target', 'x86_64-linux', '--define', f'_topdir {top}',
                     '--define', f'_payload {top}/payload', '--define', 'dist .el9', '--define',
                     '_invalid_encoding_terminates_build 0', '--define', '__os_install_post %{nil}',
                     '--define', 'debug_package %{nil}', spec, env=program.environment(HOME=scratch))
        built, = top.glob('RPMS/*/*.rpm')
        rpm.sign([built], samples.provider())
        file.write_bytes(built.read_bytes())


class Odd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.enterClassContext(server.SluiceServe(cls.depot))
        cls.depot.publish(samples.small('anchor'))
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix='odd-'))
        bundle = hostile.deb_with(pathlib.Path(scratch), hostile.CONTROL + RELATIONS.encode())
        odd_rpm(hostile.rpm_of(bundle))
        cls.depot.must('admit', bundle)
        cls.depot.promote('beacon-1.0.0', 'stage-rollout')
        cls.depot.promote('beacon-1.0.0', 'production')

    def installs(self, client):
        refreshed = client.refresh()
        self.assertEqual(refreshed.status, 0, refreshed)
        self.assertEqual(client.offered('anchor', 'beacon'), {('anchor', '1.0.0'), ('beacon', '1.0.0')})
        client.install('anchor')
        self.assertEqual(client.installed(), {'anchor': '1.0.0'})
        client.install('beacon')
        self.assertEqual(client.installed(), {'anchor': '1.0.0', 'beacon': '1.0.0'})

    def has_all_files(self, client):
        self.assertEqual({path.name: path.read_text() for path in (client.root / 'usr/share/beacon').iterdir()},
                         {name: name for name in FILES})

    def test_apt(self):
        with machine.apt(self.depot) as apt:
            self.assertEqual(apt.refresh().err, '')
            self.installs(apt)
            apt.must('apt-get', 'check')
            self.assertIn('beacon', apt.must('apt-cache', 'showpkg', 'lamp').out)
            shown = apt.must('apt-cache', 'show', 'beacon').out
            for line in RELATIONS.splitlines():
                self.assertIn(line, shown)

    def test_dnf(self):
        with machine.dnf(self.depot) as dnf:
            self.installs(dnf)
            self.has_all_files(dnf)
            told = dnf.must('repoquery', '--available', '--changelogs', 'beacon').out
            self.assertIn(LATIN1.decode('latin-1'), told)
            self.assertIn('\u2603 & <b>, ]]> %', told)
            files = dnf.must('repoquery', '--available', '--list', 'beacon').out.splitlines()
            self.assertEqual({file.removeprefix('/usr/share/beacon/') for file in files[1:]}, set(FILES))
            provided = dnf.must('repoquery', '--available', '--provides', 'beacon').out
            self.assertIn('torch(\u00fcber&<b>) = 1:2~3^4-5', provided)

    def test_zypper(self):
        with machine.zypper(self.depot) as zypper:
            self.installs(zypper)
            self.has_all_files(zypper)

    def test_verify(self):
        self.depot.must('verify')


if __name__ == '__main__':
    unittest.main()
