# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a run for people: tables with ratios, and a plot."""

import math

import measure
import peers

WIDTH, HEIGHT, MARGIN = 760, 440, 70
COLOURS = ('#0b6e4f', '#1f77b4', '#9467bd', '#d62728', '#ff7f0e', '#8c564b', '#7f7f7f', '#17becf', '#bcbd22')
FORM = {name: Peer.form for Peer in peers.ALL for name, _ in Peer.names()}
# Instructions a byte of SHA-256: where the processor has none for it, as in valgrind, and where it has.
SOFT_SHA256, HARD_SHA256 = 30, 2
COUNTED = ('directories', 'files', 'links', 'hard links', 'bytes', 'on disk')
OURS = {'rpm': 'sluice, yum', 'deb': 'sluice, apt'}


def table(title, costs, against=None):
    """Medians, and how many times as long each takes as the one that it is compared with: a peer with sluice."""
    against = against or {name: OURS[form] for name, form in FORM.items()}
    medians = {name: measure.median(of) for name, of in costs.items()}
    lines = [title, f'  {"":<26}{"wall ms":>10}{"min..max":>16}{"cpu ms":>10}{"MiB":>8}{"written MB":>12}{"ratio":>8}']
    for name, cost in medians.items():
        walls = [one.wall for one in costs[name]]
        spread = f'{1e3 * min(walls):.0f}..{1e3 * max(walls):.0f}'
        ratio = f'{cost.wall / medians[against[name]].wall:.1f}' if against.get(name) in medians else ''
        written = f'{cost.written / 1e6:.1f}' if cost.written else ''
        lines.append(f'  {name:<26}{1e3 * cost.wall:>10.0f}{spread:>16}{1e3 * cost.cpu:>10.0f}'
                     f'{cost.memory / 2**20:>8.0f}{written:>12}{ratio:>8}')
    return '\n'.join(lines)


def many(costs, found):
    """Operations at the beginning and in the end, what they made, and what there is then."""
    against = {name: name.replace(', last', ', first') for name in costs if name.endswith(', last')}
    title = ('many: {releases} releases with {packages} packages, lines: {lines}; {operations} operations, '
             'the last {within} in {minutes:.1f} minutes')
    lines = [table(title.format(**found), costs, against), '',
             f'  {"made under public/":<44}' + ''.join(f'{one:>12}' for one in COUNTED)]
    lines += [f'  {name + " (" + str(made["packages"]) + " packages)":<44}' + _counted(made)
              for name, made in found['made'].items()]
    lines += ['', f'  {"in the end":<44}' + ''.join(f'{one:>12}' for one in COUNTED)]
    lines += [f'  {name:<44}' + _counted(holds) for name, holds in found['holds'].items()]
    if found['opened']:
        lines += ['', '  verify opens {files} files, {more than once} of them more than once, one {most} times'
                  .format(**found['opened'])]
    return '\n'.join(lines)


def _counted(counts):
    return ''.join(f'{counts[one]:>12}' for one in COUNTED)


def client_table(title, costs):
    lines = [title, f'  {"":<26}{"bytes":>14}{"ms":>10}']
    for name, of in costs.items():
        sent, seconds = (sorted(one[i] for one in of)[len(of) // 2] for i in (0, 1))
        lines.append(f'  {name:<26}{sent:>14}{1e3 * seconds:>10.0f}')
    return '\n'.join(lines)


def comparison(size, result):
    """What the peers' own indexes say of the same packages, and what clients see."""
    lines = [f'compare: {size} packages and those moved since']
    for kind, count in result['packages'].items():
        found = [one for one in result['differences'] if one.startswith(f'{kind} ')]
        lines.append(f'  {kind:<26}{count} packages, ' + (f'{len(found)} differ' if found else 'the same field by field'))
        lines += [f'    {one}' for one in found[:3]]
    lines += [f'  {client:<26}offers {count} packages' for client, count in result['seen'].items()]
    return '\n'.join(lines)


def exponent(points):
    """b of cost = a * size^b, by least squares of the logarithms."""
    logs = [(math.log(size), math.log(cost)) for size, cost in points]
    x, y = (sum(one[i] for one in logs) / len(logs) for i in (0, 1))
    return sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs)


def growth_table(by_size):
    """How each cost grows with the size of the stages; nothing for a single size."""
    if len(by_size) < 2:
        return ''
    lines = ['growth: cost = a * size^b', f'  {"":<26}{"b of wall":>10}{"b of cpu":>10}']
    for name in next(iter(by_size.values())):
        medians = [(size, measure.median(costs[name])) for size, costs in by_size.items() if name in costs]
        if len(medians) < 2:
            continue
        wall, cpu = (exponent([(size, getattr(cost, field)) for size, cost in medians]) for field in ('wall', 'cpu'))
        lines.append(f'  {name:<26}{wall:>10.2f}{cpu:>10.2f}')
    return '\n'.join(lines)


def instructions_table(by_size):
    """Millions of instructions; SHA-256 as this processor does it is derived from the bytes that it read."""
    lines = ['instructions of promote, in millions',
             f'  {"":<26}{"packages":>10}{"other":>10}{"SHA-256":>10}{"sum":>10}{"times":>8}']
    first = {}
    for size, kinds in by_size.items():
        for kind, counted in kinds.items():
            other = counted['total'] - counted['sha256']
            sha256 = counted['sha256'] * HARD_SHA256 / SOFT_SHA256
            first.setdefault(kind, other + sha256)
            lines.append(f'  sluice, {kind:<18}{size:>10}{other / 1e6:>10.0f}{sha256 / 1e6:>10.0f}'
                         f'{(other + sha256) / 1e6:>10.0f}{(other + sha256) / first[kind]:>8.1f}')
    return '\n'.join(lines) if first else ''


def plot(by_size):
    """An SVG of the wall times of `move`: a line for each tool, or bars of one point; both axes logarithmic."""
    series = {name: [(size, measure.median(costs[name]).wall) for size, costs in by_size.items() if name in costs]
              for name in next(iter(by_size.values()))}
    values = [wall for points in series.values() for _, wall in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    sizes = sorted(by_size)
    span = math.log(sizes[-1] / sizes[0]) or 1

    def x(size):
        return MARGIN + (WIDTH - MARGIN - 220) * math.log(size / sizes[0]) / span

    def y(wall):
        return HEIGHT - MARGIN + (2 * MARGIN - HEIGHT) * (math.log10(wall) - low) / (high - low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{MARGIN}" y="30" font-size="15">Moving 20 packages to the next stage: wall time</text>']
    for power in range(low, high + 1):
        at = y(10 ** power)
        parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - 220}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
                     f'<text x="{MARGIN - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0 ** power:g} s</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - MARGIN + 20}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text x="{(MARGIN + WIDTH - 220) / 2}" y="{HEIGHT - 24}" text-anchor="middle">'
                 'packages in each stage and format</text>')
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = ' '.join(f'{x(size):.1f},{y(wall):.1f}' for size, wall in points)
        width = 3 if name.startswith('sluice') else 1.5
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts += [f'<circle cx="{x(size):.1f}" cy="{y(wall):.1f}" r="3" fill="{colour}"/>' for size, wall in points]
        at = 60 + 20 * number
        parts.append(f'<rect x="{WIDTH - 200}" y="{at - 9}" width="12" height="12" fill="{colour}"/>'
                     f'<text x="{WIDTH - 182}" y="{at + 2}">{name}</text>')
    return '\n'.join([*parts, '</svg>', ''])
