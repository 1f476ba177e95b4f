# SPDX-License-Identifier: GPL-3.0-or-later
"""What the order of an index, that in which releases arrived, means to real clients: nothing for versions of one
name; where two packages provide the same, some take one by it (backends/shards/README.md says which)."""

import unittest

import machine
import program
import samples
import server
from depot import Depot

CLIENTS = (machine.dnf, machine.zypper, machine.apt)


def lamp(name):
    """Has what `porch` needs, as others do."""
    return samples.spec.parse(
        f'product {name} 1.0.0\nplatform el9 x86_64\nplatform debian12 amd64\n'
        f'package {name} 1.0.0-1\n  provides light\n  file /usr/share/{name}/about {name}\n')


PORCH = samples.spec.parse(
    'product porch 1.0.0\nplatform el9 x86_64\nplatform debian12 amd64\n'
    'package porch 1.0.0-1\n  requires light\n  file /usr/share/porch/about porch\n')


class Order(unittest.TestCase):
    def installed(self, arriving, wanted, look=lambda client: client.installed()):
        """What each client has installed after `wanted` was asked for; `arriving` came in this order."""
        with Depot(key_type='ed25519') as depot, server.Nginx(depot):
            for product in arriving:
                release = depot.admit(product)
                for stage in ('stage-rollout', 'production'):
                    depot.must('promote', release, '--to', stage, '--allow-downgrade')
            found = {}
            for make in CLIENTS:
                with make(depot) as client:
                    client.install(wanted)
                    found[make.__name__] = look(client)
            return found

    def test_the_newest_version_is_installed_whichever_came_last(self):
        old, new = samples.small('buoy', '1.9.0'), samples.small('buoy', '1.10.0')
        self.assertEqual(self.installed((old, new), 'buoy'),
                         {make.__name__: {'buoy': '1.10.0'} for make in CLIENTS})

        def there_and_back(client):
            seen = [client.installed()['buoy']]
            for move in (lambda: client.downgrade('buoy', '1.9.0'), client.upgrade):
                move()
                seen.append(client.installed()['buoy'])
            return seen

        self.assertEqual(self.installed((new, old), 'buoy', there_and_back),
                         {make.__name__: ['1.10.0', '1.9.0', '1.10.0'] for make in CLIENTS})

    def test_of_two_that_provide_the_same_apt_takes_the_last_and_the_others_go_by_name(self):
        by_name = '3.0' in program.client('apt-config', 'dump', 'APT::Solver').out
        for first, last in (('alder', 'zinnia'), ('zinnia', 'alder')):
            with self.subTest(last=last):
                found = self.installed((PORCH, lamp(first), lamp(last)), 'porch')
                self.assertEqual({client: set(installed) for client, installed in found.items()},
                                 {'dnf': {'porch', 'alder'}, 'zypper': {'porch', 'alder'},
                                  'apt': {'porch', 'alder' if by_name else last}})


if __name__ == '__main__':
    unittest.main()
