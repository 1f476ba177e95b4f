# SPDX-License-Identifier: GPL-3.0-or-later
"""compare: what sluice's indexes say of packages beside what createrepo_c and apt-ftparchive say of the same
files, field by field; and whether dnf, zypper and apt see every package.

Left out, because they say something else by design: the times of files (`time file`: a package's file has none
of its own in sluice) and the digests beside SHA-256 that apt-ftparchive adds.
"""

import collections
import concurrent.futures
import gzip
import pathlib
import re
import xml.etree.ElementTree as ElementTree

import measure

REPODATA = '{http://linux.duke.edu/metadata/repo}'
XML = ('primary', 'filelists', 'other')
OTHER_DIGESTS = {'MD5sum', 'SHA1', 'SHA512'}


def _canonical(element):
    """An element as a value: tag, attributes, text, children."""
    attributes = dict(element.attrib)
    if element.tag.endswith('}time'):
        attributes.pop('file', None)
    return (element.tag, tuple(sorted(attributes.items())), (element.text or '').strip(),
            tuple(_canonical(child) for child in element))


def _packages(index):
    """{name and digest: hash of all that an index says of the package}"""
    found = {}
    with gzip.open(index) as text:
        events = ElementTree.iterparse(text, ('start', 'end'))
        _, root = next(events)
        depth = 1
        for event, element in events:
            depth += 1 if event == 'start' else -1
            if event == 'end' and depth == 1:
                checksum = element.find('{http://linux.duke.edu/metadata/common}checksum')
                found[element.get('pkgid') or checksum.text] = _canonical(element)
                root.clear()
    return found


def _indexes(repodata):
    text = ElementTree.parse(repodata / 'repomd.xml')
    return {data.get('type'): repodata.parent / data.find(f'{REPODATA}location').get('href')
            for data in text.iter(f'{REPODATA}data')}


def _stanzas(text):
    found = {}
    for stanza in text.strip().split('\n\n'):
        fields = dict(re.findall(r'^(\S+):[ \t]*(.*(?:\n[ \t].*)*)', stanza, re.MULTILINE))
        found[pathlib.PurePath(fields.pop('Filename')).name] = {
            name: value for name, value in fields.items() if name not in OTHER_DIGESTS}
    return found


def _difference(ours, theirs, where):
    """A sentence on each package that is not the same on both sides."""
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f'{where}, {key}: sluice has {ours.get(key)!r:.1000}, the other {theirs.get(key)!r:.1000}'


def _compare_xml(kind, ours, theirs):
    mine, other = _packages(ours), _packages(theirs)
    return len(mine), list(_difference(mine, other, f'yum {kind}'))


def yum(repository, scratch):
    """(packages, differences) of a published tree and what createrepo_c makes of its packages."""
    measure.run('createrepo_c', '--quiet', '--no-database', '--outputdir', scratch, repository)
    ours, theirs = _indexes(repository / 'repodata'), _indexes(scratch / 'repodata')
    with concurrent.futures.ProcessPoolExecutor(len(XML)) as processes:
        done = list(processes.map(_compare_xml, XML, (ours[kind] for kind in XML), (theirs[kind] for kind in XML)))
    return done[0][0], [difference for _, differences in done for difference in differences]


def apt(repository):
    """The same with apt-ftparchive."""
    index, = repository.glob('dists/*/main/binary-amd64/Packages.gz')
    ours = _stanzas(gzip.decompress(index.read_bytes()).decode())
    theirs = _stanzas(measure.run('apt-ftparchive', 'packages', 'pool', cwd=repository))
    return len(ours), list(_difference(ours, theirs, 'apt Packages'))


def compared(repositories, clients, scratch):
    """`repositories` are the published trees by kind, `yum` and `apt`."""
    scratch.mkdir()
    yum_count, yum_differences = yum(repositories['yum'], scratch)
    apt_count, apt_differences = apt(repositories['apt'])
    visible = seen(clients)
    counts = {'yum': yum_count, 'apt': apt_count}
    differences = yum_differences + apt_differences
    for client, count in visible.items():
        expected = counts['apt' if client == 'apt' else 'yum']
        if count != expected:
            differences.append(f'{"apt" if client == "apt" else "yum"} client {client} sees {count} of {expected}')
    return {'packages': counts, 'differences': differences, 'seen': visible}


def seen(clients):
    """{client: packages that it offers after a refresh}; their exit status tells too little."""
    counts = collections.OrderedDict()
    for client in clients:
        result = client.refresh()
        if result.status != 0:
            raise SystemExit(str(result))
        if client.name == 'dnf':
            counts['dnf'] = len(client.must('repoquery', '--available', '--queryformat', '%{name}.%{version}').out.split())
        elif client.name == 'zypper':
            rows = client.must('--no-refresh', 'search', '--details', '--type', 'package').out.splitlines()
            counts['zypper'] = sum(1 for row in rows if '| package |' in row)
        elif client.name == 'apt':
            statistics = client.must('apt-cache', 'stats').out
            counts['apt'] = int(re.search(r'Total distinct versions: (\d+)', statistics)[1])
    return counts
