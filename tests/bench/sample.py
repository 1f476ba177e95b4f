# SPDX-License-Identifier: GPL-3.0-or-later
"""One invented package: names, files, relations, texts. The same number always gives the same package.

The sizes are those of Debian 12: 21 files, 5 relations, 6 changelog entries and 400 bytes of
description per package on average. That gives 2 kB of primary, 1.7 kB of filelists, 2.2 kB of other
and 1.2 kB of Packages, which deflate makes a third of.
"""

import random
from dataclasses import dataclass

DAY = 86400
FIRST_BUILD = 1_735_689_600  # 2025-01-01
SYLLABLES = ('ba', 'cor', 'de', 'fil', 'go', 'han', 'ix', 'jo', 'ken', 'lum', 'mar', 'net', 'or',
             'pel', 'qua', 'ris', 'sol', 'tan', 'ur', 'vex', 'wil', 'yor', 'zan', 'bri', 'cha', 'dro')
DIRECTORIES = ('/usr/share/{}', '/usr/lib64/{}', '/usr/share/doc/{}', '/usr/include/{}',
               '/usr/share/{}/data', '/usr/share/{}/templates')


def _words(count):
    rng = random.Random('words')
    words = dict.fromkeys(''.join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3)))) for _ in range(9000))
    return list(words)[:count]


WORDS = _words(5000)
_text_rng = random.Random('text')


def _sentence(rng, words):
    return ' '.join(WORDS[int(len(WORDS) * rng.random() ** 3)] for _ in range(words)).capitalize() + '.'


SENTENCES = [_sentence(_text_rng, _text_rng.randint(5, 18)) for _ in range(20000)]
TEXT = '\n'.join(SENTENCES).encode()


@dataclass(frozen=True)
class Sample:
    name: str
    version: str
    noarch: bool
    summary: str
    description: tuple  # lines
    requires: tuple     # (name, least version or None)
    files: tuple        # (path, bytes), sorted by path
    changelog: tuple    # (time, author, text), newest first
    built: int


def name_of(number):
    """Names are spread over the alphabet whatever their number: neighbours in number are none in name."""
    rng = random.Random(f'name {number}')
    kind = rng.choice(('{}', '{}', '{}-common', 'lib{}', 'python3-{}', '{}-devel'))
    return kind.format(f'{rng.choice(WORDS)}{number:x}')


def sample(number, update=0, weight=0):
    """Package `number`; `update` counts newer versions of it. `weight`: bytes of a file that no one compresses."""
    rng = random.Random(f'package {number}')
    name = name_of(number)
    version = f'{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 30)}'
    files = {f'/usr/share/doc/{name}/copyright', f'/usr/bin/{name}'}
    places = [place.format(name) for place in rng.sample(DIRECTORIES, rng.randint(1, 5))]
    count = min(50, 10 + int(rng.expovariate(1 / 11)))
    while len(files) < count:
        files.add(f'{rng.choice(places)}/{rng.choice(WORDS)}{rng.choice((".py", ".h", ".dat", ".html"))}')
    needs = min(30, int(rng.expovariate(1 / 6)))
    requires = dict.fromkeys(name_of(int(20_000 * rng.random() ** 3)) for _ in range(needs))
    requires.pop(name, None)
    built = FIRST_BUILD + rng.randrange(90 * DAY)
    noarch = rng.random() < 0.4
    summary = _sentence(rng, 6).rstrip('.')
    description = tuple(rng.choice(SENTENCES) for _ in range(rng.randint(2, 7)))
    wanted = tuple((one, f'{rng.randint(0, 9)}.{rng.randint(0, 30)}' if rng.random() < 0.5 else None)
                   for one in requires)
    changelog = tuple(_changes(rng, version, built))
    if update:
        rng = random.Random(f'update {number} {update}')
        version += f'.{update}'
        built += (100 + update) * DAY
        changelog = (*_changes(rng, version, built, 1), *changelog)
    contents = tuple(_filled(rng, files))
    if weight:
        contents = tuple(sorted((*contents, (f'/usr/share/{name}/data.bin', rng.randbytes(weight)))))
    return Sample(name, version, noarch, summary, description, wanted, contents, changelog, built)


def _changes(rng, version, built, count=None):
    for back in range(count or rng.randint(2, 10)):
        built -= rng.randint(1, 120) * DAY
        text = '\n'.join(f'- {rng.choice(SENTENCES)}' for _ in range(rng.randint(1, 4)))
        yield built, f'Build Bot <bot@example.org> - {version}-{10 - back}', text


def _filled(rng, paths):
    for path in sorted(paths):
        size = min(16_000, int(rng.lognormvariate(6, 1)))
        start = rng.randrange(len(TEXT) - size)
        yield path, TEXT[start:start + size]
