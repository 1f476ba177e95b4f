# SPDX-License-Identifier: GPL-3.0-or-later
"""packaging/quickstart, as a newcomer runs it: twice, and then --stop."""

import json
import pathlib
import tempfile
import unittest
import urllib.error

import agents
import program
import reader

QUICKSTART = program.ROOT / 'packaging/quickstart'


class Quickstart(unittest.TestCase):
    def test_it_works_twice_in_a_row_and_stops(self):
        with tempfile.TemporaryDirectory(prefix='sluice-demo-') as scratch:
            demo = pathlib.Path(scratch) / 'demo'
            environment = program.environment(SLUICE_DEMO=str(demo))
            try:
                for _ in range(2):
                    done = program.must(QUICKSTART, env=environment, timeout=900)
                    told = json.loads((demo / 'quickstart.json').read_text())
                    self.assertEqual(told['depot'], str(demo / 'depot'))
                    self.assertIn(b'BEGIN PGP PUBLIC KEY BLOCK', reader.fetch(told['key']))
                    _, names = reader.yum(f'{told["public_url"]}/production/umd5/el9/aarch64')
                    self.assertIn('lantern-server', names)
                    self.assertIn(told['public_url'], done.out)
                program.must(QUICKSTART, '--stop', env=environment)
                with self.assertRaises(urllib.error.URLError):
                    reader.fetch(told['key'])
            finally:
                program.run(QUICKSTART, '--stop', env=environment)
                agents.end_below(scratch)


if __name__ == '__main__':
    unittest.main()
