# SPDX-License-Identifier: GPL-3.0-or-later
"""What a depot's commands mean, one after the other: the serial order that several writers must amount to."""

import dataclasses

NEXT = {'unverified': 'stage-rollout', 'stage-rollout': 'production'}


@dataclasses.dataclass(frozen=True)
class Command:
    """`label` is its --reason, by which the ledger shows it again."""
    label: str
    verb: str
    release: str = ''
    to: object = None

    @property
    def words(self):
        of = {'promote': (self.release, '--to', self.to), 'reject': (self.release,), 'deprecate': (self.release,),
              'rollback': ('--to', self.to), 'refresh': (), 'gc': ()}[self.verb]
        reason = () if self.verb == 'gc' else ('--reason', self.label)
        return (self.verb, *map(str, of), *reason)


class Model:
    """The standing after each operation. Throws ValueError where a command is to be refused."""

    def __init__(self, number, standing):
        self.standings = {number: standing}

    def last(self):
        return self.standings[max(self.standings)]

    def after(self, command, number):
        """The standing after `command`, if it comes when `number` is the last generation."""
        standing = dict(self.standings[number])
        stage = standing.get(command.release)
        if command.verb == 'refresh':
            return standing
        if command.verb == 'rollback':
            earlier = self.standings.get(command.to)
            if earlier is None or earlier == standing:
                raise ValueError('there is nothing to go back to')
            return earlier
        allowed = {'promote': stage in NEXT and NEXT[stage] == command.to,
                   'reject': stage in ('unverified', 'stage-rollout'),
                   'deprecate': stage == 'production'}
        if not allowed[command.verb]:
            raise ValueError(f'{command.release} is in {stage}')
        if command.verb == 'reject':
            del standing[command.release]
        else:
            standing[command.release] = command.to or 'deprecated'
        return standing

    def take(self, command, number):
        self.standings[number] = self.after(command, max(self.standings))

    def might_refuse(self, command, first, last):
        """Whether it is refused at some moment between two generations."""
        for number in self.standings:
            if first <= number <= last:
                try:
                    self.after(command, number)
                except ValueError:
                    return True
        return False
