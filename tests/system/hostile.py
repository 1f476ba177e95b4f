# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles that must be refused, each made from a good one by one change.

Each function gets a directory to work in and returns (what to hand in, reason codes that may be the
answer). The name of the function is the name of the case.
"""

import gzip
import io
import pathlib
import shutil
import subprocess
import tarfile
import zipfile

import samples

GOOD = samples.small('beacon')
CASES = []


def case(function):
    CASES.append(function)
    return function


def good(directory):
    """An unpacked good bundle to change."""
    return pathlib.Path(shutil.copytree(samples.bundle_of(GOOD, ''), directory / 'bundle'))


def rpm_of(bundle):
    return next(bundle.rglob('*.rpm'))


def deb_of(bundle):
    return next(bundle.rglob('*.deb'))


def tar_of(bundle, *members):
    """A tar of the bundle and of further (TarInfo, bytes) members."""
    path = bundle.parent / 'bundle.tar'
    with tarfile.open(path, 'w') as tar:
        tar.add(bundle, '.')
        for info, data in members:
            info.size = len(data) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(data))
    return path


def zstd(data):
    return subprocess.run(['zstd', '-q', '-c'], input=data, capture_output=True, check=True).stdout


def member(name, kind=tarfile.REGTYPE, target=''):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, 0o644
    return info


# The bundle as a container


@case
def path_that_climbs_out(directory):
    return tar_of(good(directory), (member('../../evil.rpm'), b'x')), {'path-traversal'}


@case
def absolute_path(directory):
    return tar_of(good(directory), (member('/tmp/evil.rpm'), b'x')), {'path-traversal'}


@case
def path_that_climbs_out_of_a_zip(directory):
    bundle = good(directory)
    path = directory / 'bundle.zip'
    with zipfile.ZipFile(path, 'w') as archive:
        for file in bundle.rglob('*'):
            archive.write(file, file.relative_to(bundle))
        archive.writestr('a/../../evil.rpm', b'x')
    return path, {'path-traversal'}


@case
def file_behind_a_symbolic_link(directory):
    return tar_of(good(directory), (member('a', tarfile.SYMTYPE, '/tmp'), b''),
                  (member('a/evil.rpm'), b'x')), {'non-regular-member'}


@case
def hard_link_out_of_the_bundle(directory):
    return tar_of(good(directory), (member('x.rpm', tarfile.LNKTYPE, '/etc/passwd'), b'')), {
        'non-regular-member'}


@case
def device(directory):
    return tar_of(good(directory), (member('x.rpm', tarfile.CHRTYPE), b'')), {'non-regular-member'}


@case
def fifo(directory):
    return tar_of(good(directory), (member('x.rpm', tarfile.FIFOTYPE), b'')), {'non-regular-member'}


@case
def symbolic_link_in_a_directory(directory):
    bundle = good(directory)
    (bundle / 'el9/x86_64/more.rpm').symlink_to('/etc/passwd')
    return bundle, {'non-regular-member'}


@case
def one_name_twice(directory):
    return tar_of(good(directory), (member('note.rpm'), b'a'), (member('note.rpm'), b'b')), {
        'duplicate-member', 'package-corrupt'}


@case
def newline_in_a_name(directory):
    return tar_of(good(directory), (member('a\nb.txt'), b'x')), {'member-name'}


@case
def no_bundle_at_all(directory):
    (directory / 'empty.tar').write_bytes(b'')
    return directory / 'empty.tar', {'bundle-empty', 'bundle-corrupt', 'bundle-format'}


@case
def empty_tar(directory):
    with tarfile.open(directory / 'empty.tar.gz', 'w:gz'):
        pass
    return directory / 'empty.tar.gz', {'bundle-empty', 'bundle-corrupt', 'descriptor-missing'}


@case
def cut_archive(directory):
    whole = samples.bundle_of(GOOD).read_bytes()
    (directory / 'cut.tar.gz').write_bytes(whole[:len(whole) // 2])
    return directory / 'cut.tar.gz', {'bundle-corrupt'}


@case
def data_after_the_archive(directory):
    (directory / 'more.tar.gz').write_bytes(samples.bundle_of(GOOD).read_bytes() + b'and more')
    return directory / 'more.tar.gz', {'trailing-data', 'bundle-corrupt'}


@case
def not_an_archive(directory):
    (directory / 'page.tar.gz').write_text('<html><body>404 Not Found</body></html>')
    return directory / 'page.tar.gz', {'bundle-format', 'bundle-corrupt'}


@case
def archive_that_grows_without_end(directory):
    path = directory / 'zeros.tar.zst'
    header = member('zeros.rpm')
    header.size = 10 << 30
    # Frames may follow each other, so one frame of zeros will do.
    frame = zstd(bytes(1 << 26))
    path.write_bytes(zstd(header.tobuf(tarfile.GNU_FORMAT)) + frame * ((10 << 30) >> 26))
    return path, {'size-limit', 'ratio-limit', 'package-corrupt'}


@case
def two_hundred_thousand_members(directory):
    path = directory / 'many.tar.gz'
    with gzip.open(path, 'wb', 1) as tar:
        for number in range(200_000):
            tar.write(member(f'n{number}').tobuf(tarfile.USTAR_FORMAT))
        tar.write(bytes(1024))
    return path, {'member-limit'}


@case
def descriptor_without_packages(directory):
    bundle = good(directory)
    for path in [*bundle.rglob('*.rpm'), *bundle.rglob('*.deb')]:
        path.unlink()
    return bundle, {'bundle-empty', 'set-mismatch'}


@case
def packages_without_descriptor(directory):
    bundle = good(directory)
    (bundle / 'release.xml').unlink()
    return bundle, {'descriptor-missing'}


@case
def two_descriptors(directory):
    bundle = good(directory)
    shutil.copy(bundle / 'release.xml', bundle / 'el9/release.xml')
    return bundle, {'descriptor-ambiguous'}


# The descriptor


def with_xml(directory, change):
    bundle = good(directory)
    path = bundle / 'release.xml'
    path.write_bytes(change(path.read_bytes()))
    return bundle


@case
def unclosed_element(directory):
    return with_xml(directory, lambda xml: xml.replace(b'</DistributionName>', b'', 1)), {'xml-syntax'}


@case
def entity_bomb(directory):
    bomb = (b'<!DOCTYPE Release [<!ENTITY a "aaaaaaaaaa">'
            + b''.join(b'<!ENTITY %c "%s">' % (98 + n, b'&%c;' % (97 + n) * 10) for n in range(9))
            + b']>\n<Release>')
    return with_xml(directory, lambda xml: xml.replace(b'<Release>', bomb, 1)), {'xml-doctype'}


@case
def external_entity(directory):
    return with_xml(directory, lambda xml: xml.replace(
        b'<Release>', b'<!DOCTYPE Release [<!ENTITY x SYSTEM "file:///etc/hostname">]><Release>',
        1)), {'xml-doctype'}


@case
def external_dtd(directory):
    return with_xml(directory, lambda xml: xml.replace(
        b'<Release>', b'<!DOCTYPE Release SYSTEM "http://127.0.0.1:1/x.dtd"><Release>', 1)), {
            'xml-doctype'}


@case
def utf_16(directory):
    return with_xml(directory, lambda xml: xml.decode().encode('utf-16')), {'xml-encoding'}


@case
def bytes_that_are_not_utf_8(directory):
    return with_xml(directory, lambda xml: xml.replace(b'The product', b'The \xff product')), {
        'xml-encoding'}


@case
def too_many_attributes(directory):
    flood = b'<Release ' + b' '.join(b'a%d=""' % n for n in range(3000)) + b'>'
    return with_xml(directory, lambda xml: xml.replace(b'<Release>', flood, 1)), {'xml-limit'}


@case
def too_deep(directory):
    deep = b'<Release>' + b'<d>' * 5000 + b'</d>' * 5000
    return with_xml(directory, lambda xml: xml.replace(b'<Release>', deep, 1)), {'xml-limit'}


@case
def too_large(directory):
    return with_xml(directory, lambda xml: xml + b'\n' * (50 << 20)), {'xml-limit', 'size-limit'}


@case
def no_version(directory):
    def change(xml):
        for name in (b'MajorVersion', b'MinorVersion', b'RevisionVersion'):
            start, end = xml.index(b'<' + name), xml.index(b'</' + name) + len(name) + 3
            xml = xml[:start] + xml[end:]
        return xml
    return with_xml(directory, change), {'missing-element'}


@case
def listed_but_missing(directory):
    product = GOOD.only('el9')
    bundle = shutil.copytree(samples.bundle_of(product, '', revision='F'), directory / 'bundle')
    path = bundle / 'release.xml'
    text = path.read_text()
    line = next(line for line in text.splitlines() if '<package ' in line)
    path.write_text(text.replace(line, line + '\n' + line.replace('beacon', 'lighthouse')))
    return bundle, {'set-mismatch'}


@case
def present_but_not_listed(directory):
    product = GOOD.only('el9')
    bundle = shutil.copytree(samples.bundle_of(product, '', revision='F'), directory / 'bundle')
    other = samples.bundle_of(samples.small('buoy').only('el9'), '')
    shutil.copy(rpm_of(other), rpm_of(bundle).parent)
    return bundle, {'set-mismatch'}


# The packages


@case
def unsigned_rpm(directory):
    return samples.bundle_of(samples.small('anchor'), '', signed=False), {'unsigned-package'}


@case
def rpm_signed_by_a_stranger(directory):
    stranger = samples.key.Key(directory / 'stranger', 'Stranger <stranger@example.net>')
    try:
        return samples.bundle.build(samples.small('anchor'), directory / 'b', key=stranger), {
            'unknown-key'}
    finally:
        stranger.close()


@case
def rpm_with_one_byte_changed_at_its_end(directory):
    bundle = good(directory)
    data = bytearray(rpm_of(bundle).read_bytes())
    data[-20] ^= 1
    rpm_of(bundle).write_bytes(data)
    return bundle, {'payload-digest'}


@case
def rpm_with_one_byte_changed_in_its_header(directory):
    bundle = good(directory)
    data = bytearray(rpm_of(bundle).read_bytes())
    data[data.rindex(b'Made for tests.')] ^= 1
    rpm_of(bundle).write_bytes(data)
    return bundle, {'bad-signature', 'package-corrupt', 'payload-digest'}


@case
def cut_rpm(directory):
    bundle = good(directory)
    rpm_of(bundle).write_bytes(rpm_of(bundle).read_bytes()[:300])
    return bundle, {'package-corrupt'}


@case
def rpm_that_is_a_web_page(directory):
    bundle = good(directory)
    rpm_of(bundle).write_text('<html>404</html>')
    return bundle, {'package-corrupt', 'package-unsupported'}


@case
def cut_deb(directory):
    bundle = good(directory)
    deb_of(bundle).write_bytes(deb_of(bundle).read_bytes()[:200])
    return bundle, {'package-corrupt'}


def deb_with(directory, control, *, extra=()):
    """A deb written by hand: `control` is the control file; `extra` are further ar members."""
    bundle = good(directory)
    tarball = io.BytesIO()
    with tarfile.open(fileobj=tarball, mode='w') as tar:
        info = member('./control')
        info.size = len(control)
        tar.addfile(info, io.BytesIO(control))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode='w'):
        pass
    parts = [('debian-binary', b'2.0\n'), ('control.tar.gz', gzip.compress(tarball.getvalue(), 1)),
             ('data.tar.gz', gzip.compress(data.getvalue())), *extra]
    blob = b'!<arch>\n'
    for name, body in parts:
        blob += f'{name:<16}{0:<12}{0:<6}{0:<6}{"100644":<8}{len(body):<10}`\n'.encode() + body
        blob += b'\n' * (len(body) % 2)
    deb_of(bundle).write_bytes(blob)
    return bundle


CONTROL = (b'Package: beacon\nVersion: 1.0.0-1\nArchitecture: amd64\nMaintainer: x <x@example.org>\n'
           b'Description: x\n')


@case
def deb_with_a_relation_that_stops_apt(directory):
    return deb_with(directory, CONTROL + b'Recommends: perl >= 5\n'), {'package-relation'}


@case
def deb_whose_control_file_is_two_stanzas(directory):
    return deb_with(directory, CONTROL + b'\nPackage: bash\nVersion: 99\nArchitecture: amd64\n'), {
        'package-corrupt', 'package-name', 'control-characters'}


@case
def deb_with_a_name_that_is_a_path(directory):
    return deb_with(directory, CONTROL.replace(b'beacon', b'../../evil')), {
        'package-name', 'package-corrupt'}


@case
def deb_with_a_control_file_of_500_megabytes(directory):
    return deb_with(directory, CONTROL + b' x\n' * (500_000_000 // 3)), {'control-size', 'size-limit'}


@case
def one_name_with_other_content(directory):
    """The depot of the test has beacon 1.0.0 in production; here is another one."""
    other = samples.with_file(samples.small('beacon').at('1.0.1'), '/usr/share/beacon/more', 'more')
    changed = samples.dataclasses.replace(other.packages[0], version='1.0.0')
    other = samples.dataclasses.replace(other, packages=(changed,))
    return samples.bundle_of(other, ''), {'same-name-different-content'}


@case
def released_already(directory):
    return samples.bundle_of(samples.with_file(GOOD, '/usr/share/beacon/new', 'new'), ''), {
        'already-released', 'same-name-different-content'}


@case
def package_of_no_platform(directory):
    bundle = shutil.copytree(samples.bundle_of(samples.small('anchor'), ''), directory / 'bundle')
    deb = deb_of(bundle)
    (bundle / 'solaris').mkdir()
    deb.rename(bundle / 'solaris' / deb.name)  # its version has no dist-tag either
    return bundle, {'platform-unknown', 'platform-ambiguous'}
