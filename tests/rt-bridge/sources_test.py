#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a ticket's packages come from: every kind of source, through a real RT and the sluice program,
to a repository that real dnf and apt read; and what the ticket says when a source is bad."""

import re
import shutil
import unittest

from bridged import Bridged, samples
from provider import Helper, WebServer, make_apt, make_yum

RPM = ("el9 x86_64",)
DEB = ("debian12 amd64",)


def packages_in(bundle):
    return sorted(file for file in bundle.rglob("*") if file.suffix in (".rpm", ".deb"))


class Sources(unittest.TestCase):
    """One RT, one depot and one provider's machine for all tests of a class."""

    keys = ""  # "repository_keys", if they are configured
    limits = ""

    @classmethod
    def setUpClass(cls):
        cls.files = samples.workshop() / f"served-{cls.__name__}"
        cls.files.mkdir()
        cls.key = samples.key.Key(samples.workshop() / f"repository-{cls.__name__}",
                                  "A Repository <repository@example.org>")
        (cls.files.parent / "repository.asc").write_bytes(cls.key.public())
        cls.web = WebServer(cls.files)
        cls.ftp = Helper("ftp_server.py", cls.files)
        cls.rsync = Helper("rsync_server.py", cls.files)
        hosts = ", ".join(f'"127.0.0.1:{server.port}"' for server in (cls.web, cls.ftp, cls.rsync))
        keys = f'repository_keys = ["{cls.files.parent / "repository.asc"}"]' if cls.keys else ""
        cls.bridged = Bridged(download=f'allowed_hosts = [{hosts}]\n'
                                       f'allowed_networks = ["127.0.0.0/8"]\n{keys}\n{cls.limits}')

    @classmethod
    def tearDownClass(cls):
        try:
            cls.bridged.depot.must("refresh")
            cls.bridged.depot.must("verify")
        finally:
            cls.bridged.close()
            for server in (cls.rsync, cls.ftp, cls.web):
                server.close()
            cls.key.close()

    def setUp(self):
        self.web.requested.clear()
        self.web.ranges.clear()

    def bundle(self, name, platforms=RPM, revision="F"):
        """An unpacked bundle, and the text of its descriptor."""
        directory = samples.bundle_of(samples.small(name, platforms=platforms), "", revision)
        return packages_in(directory), (directory / "release.xml").read_text()

    def serve(self, packages, directory=""):
        (self.files / directory).mkdir(parents=True, exist_ok=True)
        for package in packages:
            shutil.copy(package, self.files / directory)

    def asked(self, *files, sync_url=None):
        """The ticket after a pass that looked at it, and sluice's last comment."""
        fields = {"RepoAction": "MoveToUnverified"} | ({"SyncURL": sync_url} if sync_url else {})
        ticket = self.bridged.ticket("alice", *files, fields=fields)
        self.bridged.once()
        return ticket, self.bridged.comments(ticket)[-1]

    def admitted(self, name, *files, sync_url=None):
        """The ticket's release is there for those who verify it."""
        ticket, comment = self.asked(*files, sync_url=sync_url)
        self.assertEqual(self.bridged.fields(ticket).get("RepoStatus"), "Unverified", comment)
        for platform in re.findall(r"curl -o \S+-(el9|debian12)\.", comment):
            with self.bridged.client(comment, platform) as client:
                self.assertIn((name, "1.0.0"), client.offered(name))
        return comment

    def refused(self, code, *files, sync_url=None):
        """The ticket is told why, and nothing of it is in a repository."""
        before = self.bridged.depot.generation()
        ticket, comment = self.asked(*files, sync_url=sync_url)
        self.assertEqual(self.bridged.fields(ticket).get("RepoStatus"), "Failed", comment)
        self.assertIn(f"[{code}]", comment)
        self.assertEqual(self.bridged.depot.generation(), before)
        self.assertEqual(self.bridged.depot.leftovers(), [])
        return comment


def synchronised(text, protocol, url):
    """A descriptor of revision F that names a place instead of "n/a"."""
    return (text.replace("<synchProtocol>n/a<", f"<synchProtocol>{protocol}<")
                .replace("<synchURL>n/a<", f"<synchURL>{url}<")).encode()


def with_urls(text, url):
    return re.sub(r'url="" filename="([^"]*)"', rf'url="{url}/\1" filename="\1"', text)


class Places(Sources):
    """Every kind of source, at every place where it may be named."""

    def test_packages_by_urls_in_the_descriptor(self):
        packages, text = self.bundle("listed")
        self.serve(packages)
        self.admitted("listed", ("release.xml", with_urls(text, self.web.url).encode()))

    def test_an_archive_at_the_ticket_s_sync_url(self):
        for scheme, port in (("http", self.web.port), ("ftp", self.ftp.port)):
            name = f"packed{scheme}"
            shutil.copy(samples.bundle_of(samples.small(name)), self.files / f"{name}.tar.gz")
            comment = self.admitted(name, sync_url=f"{scheme}://127.0.0.1:{port}/{name}.tar.gz")
            self.assertIn(f"{name}-1.0.0 is in unverified", comment)

    def test_another_sync_url_mends_a_ticket(self):
        shutil.copy(samples.bundle_of(samples.small("mended")), self.files / "mended.tar.gz")
        ticket, comment = self.asked(sync_url=f"{self.web.url}/mendde.tar.gz")
        self.assertIn("[download-failed]", comment)
        self.bridged.rt.rest("bob").set(ticket, SyncURL=f"{self.web.url}/mended.tar.gz")
        self.bridged.once()
        self.assertEqual(self.bridged.fields(ticket).get("RepoStatus"), "Unverified")
        self.assertEqual(self.bridged.depot.standing().get("mended-1.0.0"), "unverified")

    def test_an_archive_at_the_descriptor_s_synch_url(self):
        product = samples.small("synched", platforms=RPM)
        _, text = self.bundle("synched")
        shutil.copy(samples.bundle_of(product), self.files / "synched.tar.gz")
        self.admitted("synched", ("release.xml", synchronised(
            text, "http", f"{self.web.url}/synched.tar.gz")))

    def test_a_yum_repository(self):
        packages, text = self.bundle("yummy")
        make_yum(self.files / "yum", packages)
        self.admitted("yummy", ("release.xml", synchronised(text, "yum", f"{self.web.url}/yum/")))

    def test_an_apt_repository(self):
        packages, text = self.bundle("apted", DEB)
        make_apt(self.files / "apt", packages)
        self.admitted("apted", ("release.xml", synchronised(
            text, "deb", f"deb {self.web.url}/apt stable main")))

    def test_an_ftp_directory(self):
        packages, text = self.bundle("ferried")
        self.serve(packages, "ferry/el9/x86_64")
        self.admitted("ferried", ("release.xml", synchronised(
            text, "ftp", f"ftp://127.0.0.1:{self.ftp.port}/ferry/")))

    def test_an_rsync_directory(self):
        packages, text = self.bundle("synced")
        self.serve(packages, "rsynced")
        self.admitted("synced", ("release.xml", synchronised(
            text, "rsync", f"rsync://127.0.0.1:{self.rsync.port}/release/rsynced/")))

    def test_a_directory_with_its_descriptor_in_it_needs_nothing_attached(self):
        packages, text = self.bundle("alone")
        self.serve(packages, "alone")
        (self.files / "alone/release.xml").write_text(text)
        self.admitted("alone",
                      sync_url=f"rsync://127.0.0.1:{self.rsync.port}/release/alone/")

    def test_what_is_attached_comes_first(self):
        _, text = self.bundle("attached")
        archive = samples.bundle_of(samples.small("attached", platforms=RPM))
        descriptor = synchronised(with_urls(text, self.web.url), "http", f"{self.web.url}/no.tar.gz")
        self.admitted("attached", archive, ("release.xml", descriptor),
                      sync_url=f"{self.web.url}/neither.tar.gz")
        self.assertEqual(self.web.requested, [])

    def test_then_come_urls_of_packages_then_the_synch_url_then_the_ticket_s(self):
        packages, text = self.bundle("second")
        self.serve(packages)
        sync_url = f"{self.web.url}/never.tar.gz"
        descriptor = synchronised(with_urls(text, self.web.url), "http", f"{self.web.url}/no.tar.gz")
        self.admitted("second", ("release.xml", descriptor), sync_url=sync_url)
        self.assertEqual(self.web.requested, [f"/{package.name}" for package in packages])

        self.web.requested.clear()
        _, text = self.bundle("third")
        shutil.copy(samples.bundle_of(samples.small("third", platforms=RPM)),
                    self.files / "third.tar.gz")
        self.admitted("third", ("release.xml", synchronised(
            text, "http", f"{self.web.url}/third.tar.gz")), sync_url=sync_url)
        self.assertEqual(self.web.requested, ["/third.tar.gz"])

        self.web.requested.clear()
        _, text = self.bundle("fourth")
        shutil.copy(samples.bundle_of(samples.small("fourth", platforms=RPM)),
                    self.files / "fourth.tar.gz")
        self.admitted("fourth", ("release.xml", text.encode()),
                      sync_url=f"{self.web.url}/fourth.tar.gz")
        self.assertEqual(self.web.requested, ["/fourth.tar.gz"])

    def test_a_download_that_was_cut_off_is_continued(self):
        archive = samples.bundle_of(samples.small("resumed"))
        shutil.copy(archive, self.files / "resumed.tar.gz")
        self.web.cut.add("/resumed.tar.gz")
        self.admitted("resumed", sync_url=f"{self.web.url}/resumed.tar.gz")
        self.assertEqual(self.web.ranges, [None, f"bytes={archive.stat().st_size // 2}-"])


class Signed(Sources):
    """Keys are configured: a repository must be signed by one of them."""

    keys = "yes"

    def test_a_yum_repository_that_is_signed_is_taken_and_an_unsigned_one_is_not(self):
        packages, text = self.bundle("vouched")
        make_yum(self.files / "yum", packages, self.key)
        make_yum(self.files / "plain", packages)
        comment = self.refused("repository-unsigned", ("release.xml", synchronised(
            text, "yum", f"{self.web.url}/plain/")))
        self.assertIn("plain/repodata/repomd.xml is not signed", comment)
        self.admitted("vouched", ("release.xml", synchronised(text, "yum", f"{self.web.url}/yum/")))

    def test_an_apt_repository_that_is_signed_is_taken_and_an_unsigned_one_is_not(self):
        packages, text = self.bundle("sealed", DEB)
        make_apt(self.files / "apt", packages, self.key)
        make_apt(self.files / "bare", packages)
        comment = self.refused("repository-unsigned", ("release.xml", synchronised(
            text, "deb", f"{self.web.url}/bare stable main")))
        self.assertIn("neither InRelease nor Release.gpg", comment)
        self.admitted("sealed", ("release.xml", synchronised(
            text, "deb", f"{self.web.url}/apt stable main")))

    def test_another_s_signature_does_not_help(self):
        packages, text = self.bundle("feigned")
        make_yum(self.files / "others", packages, samples.provider())
        self.refused("unknown-key", ("release.xml", synchronised(
            text, "yum", f"{self.web.url}/others/")))
        packages, text = self.bundle("altered", DEB)
        make_apt(self.files / "altered", packages, self.key)
        release = self.files / "altered/dists/stable/InRelease"
        release.write_text(release.read_text().replace("Suite: stable", "Suite: stabel"))
        self.refused("bad-signature", ("release.xml", synchronised(
            text, "deb", f"{self.web.url}/altered stable main")))


class Refusals(Sources):
    """What is no package does not become one, and nothing is fetched from where it must not be."""

    limits = "file_megabytes = 1\nfiles = 3"

    def test_nothing_there_is_told_with_the_address(self):
        comment = self.refused("download-failed", sync_url=f"{self.web.url}/never.tar.gz")
        self.assertIn(f"{self.web.url}/never.tar.gz: the server answered 404", comment)
        _, text = self.bundle("nowhere")
        comment = self.refused("download-failed",
                               ("release.xml", with_urls(text, self.web.url).encode()))
        self.assertRegex(comment, r"nowhere-1\.0\.0-1\.el9\.\w+\.rpm: the server answered 404")

    def test_a_page_that_says_not_found_is_no_package(self):
        (self.files / "gone.tar.gz").write_text("<!DOCTYPE html><title>404 Not Found</title>")
        comment = self.refused("download-content", sync_url=f"{self.web.url}/gone.tar.gz")
        self.assertIn("is a web page", comment)
        packages, text = self.bundle("paged")
        (self.files / packages[0].name).write_text("<html>please log in</html>")
        self.refused("download-content", ("release.xml", with_urls(text, self.web.url).encode()))

    def test_hosts_that_are_not_configured_are_not_asked(self):
        for url in (self.bridged.rt.url + "/x.tar.gz", "http://localhost/x.tar.gz",
                    "http://169.254.169.254/latest/meta-data", "ftp://127.0.0.1:1/x/",
                    "rsync://127.0.0.1:1/release/"):
            comment = self.refused("download-forbidden", sync_url=url)
            self.assertIn("nothing was changed", comment)

    def test_more_than_is_allowed_is_not_downloaded(self):
        comment = self.refused("download-limit", sync_url=f"{self.web.url}/endless.tar.gz")
        self.assertIn("is larger than the 1048576 bytes that are accepted", comment)
        packages, text = self.bundle("heap")
        for number in range(4):
            self.serve(packages, f"heap/{number}")
        self.refused("download-limit", ("release.xml", synchronised(
            text, "ftp", f"ftp://127.0.0.1:{self.ftp.port}/heap/")))

    def test_a_repository_that_contradicts_itself_is_refused(self):
        packages, text = self.bundle("liar")
        make_yum(self.files / "liar", packages)
        package = self.files / "liar/Packages" / packages[0].name
        package.write_bytes(package.read_bytes()[:-1] + b"x")
        comment = self.refused("download-mismatch", ("release.xml", synchronised(
            text, "yum", f"{self.web.url}/liar/")))
        self.assertIn("is not the file that the repository's index describes", comment)

    def test_a_source_that_is_not_understood_is_told(self):
        _, text = self.bundle("nothing")
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/x", "/etc/passwd", "ask Bob"):
            comment = self.refused("source-unknown",
                                   ("release.xml", synchronised(text, "http", url)))
            self.assertIn("does not say where packages are", comment)
        self.refused("source-unknown", ("release.xml", text.encode()))
        self.refused("descriptor-missing")


class Loopback(unittest.TestCase):
    """No network is configured: an allowed name that leads to this machine does not help."""

    def test_an_allowed_host_at_a_private_address_is_not_asked(self):
        files = samples.workshop() / "loopback"
        files.mkdir()
        web = WebServer(files)
        bridged = Bridged(download=f'allowed_hosts = ["127.0.0.1:{web.port}", '
                                   f'"localhost:{web.port}"]')
        try:
            for host in ("127.0.0.1", "localhost"):
                ticket = bridged.ticket("alice", fields={
                    "RepoAction": "MoveToUnverified", "SyncURL": f"http://{host}:{web.port}/x.rpm"})
                bridged.once()
                comment = bridged.comments(ticket)[-1]
                self.assertIn("[download-forbidden]", comment)
                self.assertIn("where downloads are not allowed to go", comment)
            self.assertEqual(web.requested, [])
        finally:
            bridged.close()
            web.close()


if __name__ == "__main__":
    unittest.main()
