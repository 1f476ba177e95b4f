# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of tickets have in common: an RT, a depot and the sluice program for each class, so that
classes run side by side."""

import dataclasses
import unittest

from bridged import Bridged, samples

QUIET = {"done": 0, "failed": 0, "not_permitted": 0, "left_alone": 0, "postponed": 0,
         "open": 0}


class Bridge(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.bridged = Bridged(**cls.options)

    @classmethod
    def tearDownClass(cls):
        try:
            cls.bridged.depot.must("refresh")  # takes up what tests changed in the configuration
            cls.bridged.depot.must("verify")
        finally:
            cls.bridged.close()

    def stands(self, ticket, status, url=None):
        """Checks what the ticket says, and returns sluice's last comment."""
        fields = self.bridged.fields(ticket)
        comments = self.bridged.comments(ticket)
        last = comments[-1] if comments else ""
        self.assertEqual(fields.get("RepoStatus"), status, last)
        if url is not None:
            self.assertEqual(fields.get("RepositoryURL", ""),
                             url and f"{self.bridged.depot.url}/{url}")
        return last

    def offers(self, comment, name, version="1.0.0"):
        """Whoever follows the comment can install the package."""
        for platform in ("el9", "debian12"):
            with self.bridged.client(comment, platform) as client:
                self.assertIn((name, version), client.offered(name), platform)

    def step(self, user, ticket, action, status, url):
        self.bridged.ask(user, ticket, action)
        self.bridged.once()
        return self.stands(ticket, status, url)


def rebuilt(name):
    """The same version of a product, built again: its packages have another release number."""
    product = samples.small(name)
    packages = tuple(dataclasses.replace(one, release="2") for one in product.packages)
    return dataclasses.replace(product, packages=packages)


def offered_builds(dnf, name):
    """The release numbers of a package that the repositories offer."""
    return set(dnf.must("--refresh", "repoquery", "--available", "--showduplicates",
                        "--queryformat", "%{release}", name).out.split())
