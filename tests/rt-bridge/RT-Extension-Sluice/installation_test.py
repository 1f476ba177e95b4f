#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plugin brings into an RT, and the tests' own RT."""

import sqlite3
import subprocess
import unittest

from plugin import Server, launcher

class Installation(unittest.TestCase):
    def test_loading_the_data_again_changes_nothing(self):
        server = Server("--workers", "1")
        self.addCleanup(server.stop)

        def counts():
            with sqlite3.connect(server.directory / "rt5.sqlite") as database:
                return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (
                    "Queues", "CustomFields", "CustomFieldValues", "CustomRoles", "ScripConditions",
                    "ScripActions", "Templates", "Scrips", "ObjectScrips", "ObjectCustomFields")]

        before = counts()
        done = subprocess.run(
            ["rt-setup-database-5", "--skip-create", "--action", "insert", "--datafile",
             launcher.PLUGIN / "etc/initialdata"],
            capture_output=True, text=True, env=launcher.environment(server.directory), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(counts(), before)

    def test_every_module_compiles_alone_and_is_documented(self):
        for module in sorted((launcher.PLUGIN / "lib").rglob("*.pm")):
            for command in (["perl", "-c", "-I", launcher.PLUGIN / "lib", "-I", launcher.RT / "lib"],
                            ["podchecker"]):
                done = subprocess.run([*command, module], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_several_run_at_once_and_stop(self):
        servers = [Server("--workers", "1") for _ in range(2)]
        self.assertEqual(len({server.url for server in servers}), 2)
        for server in servers:
            self.assertEqual(server.rest("root")("GET", "/rt")[0], 200)
            server.stop()
            self.assertIsNone(launcher.start_time(server.facts["pid"]))
            self.assertFalse(server.directory.exists())


if __name__ == "__main__":
    unittest.main()
