# SPDX-License-Identifier: GPL-3.0-or-later
"""Several people at work on one depot, a full disk, and what gc may take away."""

import concurrent.futures
import contextlib
import json
import os
import random
import tempfile
import unittest

import clock
import machine
import model
import program
import samples
import server
from depot import Depot


class Writers(unittest.TestCase):
    def test_promotions_at_the_same_time_all_take_effect(self):
        with Depot() as depot:
            releases = [depot.publish(samples.small(name), 'stage-rollout')
                        for name in ('beacon', 'buoy', 'pier', 'quay')]
            before = depot.generation()
            with concurrent.futures.ThreadPoolExecutor(len(releases)) as people:
                results = list(people.map(
                    lambda release: depot.run('promote', release, '--to', 'production'), releases))
            for result in results:
                self.assertEqual(result.status, 0, result)
            self.assertEqual(depot.standing(), dict.fromkeys(releases, 'production'))
            self.assertEqual(depot.generation(), before + len(releases))
            depot.must('verify')

    def test_the_same_promotion_twice_at_once_takes_effect_once(self):
        with Depot() as depot:
            release = depot.publish(samples.small('beacon'), 'stage-rollout')
            before = depot.generation()
            with concurrent.futures.ThreadPoolExecutor(2) as people:
                results = list(people.map(
                    lambda _: depot.run('promote', release, '--to', 'production'), range(2)))
            self.assertEqual(sorted(result.status for result in results), [0, 3], results)
            self.assertEqual(depot.generation(), before + 1)
            depot.must('verify')


class Serial(unittest.TestCase):
    """8 people give commands at random. What comes of it is what comes of the same commands, one by one,
    in the order of the ledger; and who is refused is so for something that was so when they asked."""

    WRITERS = 8
    EACH = 125 if os.environ.get('SLUICE_LONG') else 3

    def setUp(self):
        self.depot = self.enterContext(Depot(key_type='ed25519'))
        self.releases = [self.depot.admit(samples.small(name, platforms=('debian12 amd64',)))
                         for name in ('beacon', 'buoy', 'pier', 'quay')]
        self.first = self.depot.generation()
        self.seed = random.SystemRandom().randrange(1 << 31)

    def command(self, chance, label):
        verb = chance.choice(('promote',) * 4 + ('reject', 'deprecate', 'rollback', 'rollback', 'refresh', 'gc'))
        to = {'promote': chance.choice(('stage-rollout', 'production')),
              'rollback': chance.randint(self.first, self.depot.generation())}.get(verb)
        return model.Command(label, verb, chance.choice(self.releases), to)

    def write(self, writer):
        """[(command, generation before, result, generation after)]"""
        chance, done = random.Random(f'{self.seed} {writer}'), []
        for number in range(self.EACH):
            command = self.command(chance, f'{writer}.{number}')
            before = self.depot.generation()
            result = self.depot.run(*command.words, timeout=300)
            done.append((command, before, result, self.depot.generation()))
        return done

    def test_8_writers_amount_to_a_serial_order(self):
        serial = model.Model(self.first, self.depot.standing())
        with concurrent.futures.ThreadPoolExecutor(self.WRITERS) as people:
            done = [one for each in people.map(self.write, range(self.WRITERS)) for one in each]
        commands = {command.label: command for command, *_ in done}
        entries = [json.loads(line) for line in (self.depot.path / 'ledger.jsonl').read_text().splitlines()]
        intents = {e['number']: e['operation'] for e in entries if 'operation' in e}
        committed = [e['number'] for e in entries if e['event'] == 'committed' and e['number'] > self.first]
        for number in committed:
            serial.take(commands[intents[number]['reason']], number)
        labels = [intents[number]['reason'] for number in committed]
        self.assertEqual(sorted(labels), sorted(command.label for command, _, result, _ in done
                                                if result.status == 0 and command.verb != 'gc'))
        for command, before, result, after in done:
            self.assertIn(result.status, (0, 3), (self.seed, result))
            self.assertTrue(result.status == 0 or serial.might_refuse(command, before, after),
                            (self.seed, command, before, after, result))
        self.assertEqual(self.depot.standing(), serial.last(), self.seed)
        self.depot.must('verify')


class Collecting(unittest.TestCase):
    def generations(self, depot):
        return sorted(int(path.name) for path in (depot.public / 'generations').iterdir())

    def test_gc_keeps_what_clients_may_still_need_and_takes_it_afterwards(self):
        with Depot() as depot:
            release = depot.publish(samples.small('beacon'))
            depot.must('deprecate', release, '--reason', 'superseded')
            depot.must('promote', depot.publish(samples.small('buoy'), 'stage-rollout'),
                       '--to', 'production')
            deb = depot.public / 'production/umd5/debian12/pool/main/b/beacon/beacon_1.0.0-1_amd64.deb'
            kept = self.generations(depot)
            depot.must('gc')
            self.assertEqual(self.generations(depot), kept)
            self.assertTrue(deb.exists())

            # Two weeks later, and four days after the metadata was renewed, every grace time is over.
            depot.must('refresh', env=program.environment(**clock.shifted('+10d')))
            later = program.environment(**clock.shifted('+14d'))
            depot.must('gc', env=later)
            self.assertEqual(self.generations(depot), [depot.generation()])
            self.assertFalse(deb.exists())
            self.assertEqual(depot.standing(),
                             {'beacon-1.0.0': 'deprecated', 'buoy-1.0.0': 'production'})
            depot.must('verify', env=later)


class FullDisk(unittest.TestCase):
    def test_a_full_disk_leaves_the_published_state_alone_and_is_the_operators_error(self):
        large = samples.spec.parse(
            'product barge 1.0.0\nplatform el9 x86_64\npackage barge 1.0.0-1\n')
        # Random bytes do not compress: about 12 MB as a package.
        cargo = samples.random_text(24_000_000)
        large = samples.with_file(large, '/usr/share/barge/cargo', cargo)
        bundle = samples.bundle_of(large)
        with contextlib.ExitStack() as stack:
            mount = stack.enter_context(tempfile.TemporaryDirectory(prefix='sluice-full-'))
            program.as_root('mount', '-t', 'tmpfs', '-o', 'size=8m,mode=777', 'tmpfs', mount)
            stack.callback(program.as_root, 'umount', '--lazy', mount)
            depot = stack.enter_context(Depot(parent=mount))
            release = depot.publish(samples.small('beacon'))
            before = depot.generation()

            result = depot.run('admit', bundle)
            self.assertEqual(result.status, 1, result)
            self.assertIn('No space left on device', result.err)
            self.assertEqual(depot.generation(), before)
            self.assertEqual(depot.standing(), {release: 'production'})
            self.assertEqual(depot.leftovers(), [])
            depot.must('verify')

            program.as_root('mount', '-o', 'remount,size=64m', mount)
            depot.must('admit', bundle)
            depot.must('verify')


class Expiry(unittest.TestCase):
    def test_apt_refuses_metadata_past_its_date_until_it_is_refreshed(self):
        with Depot() as depot, server.Nginx(depot):
            depot.publish(samples.small('beacon'))
            with machine.apt(depot) as client:
                self.assertEqual(client.refresh().status, 0)
                client.at('+20d')
                expired = client.refresh()
                self.assertNotEqual(expired.status, 0)
                self.assertIn('is expired', expired.out + expired.err)
                depot.must('refresh', env=program.environment(**clock.shifted('+20d')))
                refreshed = client.refresh()
                self.assertEqual(refreshed.status, 0, refreshed)


if __name__ == '__main__':
    unittest.main()
