# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound packages that an operator may not want: told, refused by a stage, bounded in an index."""

import json
import unittest

import samples
from depot import Depot

STAGES = '''
[[stage]]
name = "unverified"
entry = true
rejectable = true
[[stage]]
name = "stage-rollout"
from = ["unverified"]
rejectable = true
[[stage]]
name = "production"
from = ["stage-rollout"]
enabled = true
refuse = ["base-relation", "epoch-jump"]
[[stage]]
name = "deprecated"
from = ["production"]
archive = true
'''

TAKES_OVER = samples.spec.parse('''
product beacon 1.0.0
platform el9 x86_64
platform debian12 amd64
package beacon 1.0.0-1
  provides sudo
  file /home/beacon/about beacon
''')


def with_summary(text, version='1.0.0'):
    return samples.spec.parse(f'''
product torch {version}
platform el9 x86_64
package torch {version}-1
  summary {text}
  file /usr/share/torch/about torch
''')


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.depot = cls.enterClassContext(Depot())
        cls.configuration = cls.depot.path / 'sluice.toml'
        cls.plain = cls.configuration.read_text()

    def setUp(self):
        self.configuration.write_text(self.plain + STAGES)

    def refused(self, *command):
        result = self.depot.run(*command, '--json')
        self.assertEqual(result.status, 3, result)
        return json.loads(result.out)

    def test_what_is_remarkable_is_told_on_its_way_and_refused_by_the_stage_that_says_so(self):
        bundle = samples.bundle_of(TAKES_OVER)
        for verb in (('check',), ('admit', '--dry-run')):
            told = self.depot.must(*verb, bundle)
            for text in ('Provides: sudo', '[base-relation]', '/home/beacon/about',
                         '[unusual-place]'):
                self.assertEqual((told.out + told.err).count(text), 2, told)
        release = self.depot.admit(TAKES_OVER)
        record = self.depot.json('show', release)
        self.assertEqual([package['remarks'] for package in record['packages']],
                         [[{'kind': 'base-relation', 'of': ['Provides: sudo']},
                           {'kind': 'unusual-place', 'of': ['/home/beacon/about']}]] * 2)
        plan = self.depot.must('promote', release, '--to', 'stage-rollout', '--dry-run').out
        self.assertIn(f'{release}: warning: beacon-1.0.0-1.el9.x86_64: ', plan)
        self.depot.promote(release, 'stage-rollout')
        # What a ticket is told of its release is what the ledger has of the last operation.
        last = self.depot.json('history')['operations'][-1]
        self.assertEqual(len([one for one in last['warnings']
                              if one.startswith(f'{release}: ')]), 4, last)
        answer = self.refused('promote', release, '--to', 'production')
        self.assertEqual(answer['code'], 'base-relation')
        self.assertEqual(len(answer['problems']), 2)
        for problem in answer['problems']:
            self.assertIn('Provides: sudo', problem['message'])
            self.assertIn('`refuse` of the [[stage]] production', problem['remedy'])
        self.assertEqual(self.depot.standing()[release], 'stage-rollout')
        self.configuration.write_text(self.plain)
        self.depot.promote(release, 'production')
        self.depot.must('verify')

    def test_what_is_added_to_an_index_is_bounded(self):
        many = samples.bundle_of(with_summary('&' * 300_000))
        answer = self.refused('admit', many)
        self.assertEqual(answer['code'], 'package-limit')
        for text in ('primary', '3000', '1 MiB'):
            self.assertIn(text, answer['message'])
        self.assertIn('primary_mb', answer['remedy'])
        told = self.depot.run('check', many)
        self.assertIn('[package-limit]', told.out, told)
        before = self.configuration.read_text()
        self.configuration.write_text(before.replace(
            'name = "umd5"', 'name = "umd5"\nlimits = { primary_mb = 3 }', 1))
        release = self.depot.json('admit', many)['release']
        # What stands is not judged again, whatever the setting says by now.
        self.configuration.write_text(before)
        self.depot.promote(release, 'stage-rollout')
        self.depot.must('refresh')
        self.depot.must('verify')


if __name__ == '__main__':
    unittest.main()
