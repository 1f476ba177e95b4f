// SPDX-License-Identifier: GPL-3.0-or-later
// RPM packages; and main headers alone, because of a whole package hardly any change passes its own
// digests. What is taken has three entries for the indexes that another XML reader finds sound.
#include <array>

#include "backends/bundle/xml.hpp"
#include "backends/yum/fragment_check.hpp"
#include "backends/yum/fragments.hpp"
#include "backends/yum/package_reader.hpp"
#include "backends/yum/package_rules.hpp"
#include "tests/backends/yum/forged_rpm.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

void check(const shards::Fragments& fragments, const core::Package& package) {
    fuzz::claim(fragments.size() == 3, "there are three entries");
    for (const std::string& fragment : fragments) {
        bundle::XmlLimits limits;
        limits.bytes = limits.text = 64u << 20;
        limits.nodes = 4'000'000;
        const std::string document = "<metadata xmlns:rpm=\"x\">" + fragment + "</metadata>";
        const bundle::XmlDocument read = bundle::parse_xml(document, "an entry", limits);
        fuzz::claim(read.sound(), "an entry is XML");
        fuzz::claim(read.roots.front().children.size() == 1, "it is one element");
        fuzz::claim(fragment.find(package.digest.hex()) != std::string::npos, "of this package");
    }
}

void whole(std::string_view bytes) {
    const core::Digest digest = core::sha256(bytes);
    const auto file = fuzz::file_of(bytes, "package.rpm");
    core::Inspection inspection;
    if (!fuzz::is_taken([&] {
            inspection = yum::RpmReader().read(core::File::open_to_read(file), digest, {});
        }))
        return;
    check(inspection.fragments, inspection.package);
    yum::check_fragments(inspection.fragments, inspection.package);
}

/// As if the digests in front of it were those of this header.
void header_alone(std::string_view bytes) {
    if (bytes.size() < 16) return;
    yum::RpmFile rpm;
    shards::Fragments fragments;
    core::Package package;
    const bool taken = fuzz::is_taken([&] {
        const auto size = yum::HeaderView::blob_size(bytes.substr(8), "main header");
        if (size > bytes.size() - 8) return;
        rpm.header = bytes.substr(0, 8 + size);
        rpm.signature = forged::Header().text(1, "x").bytes(62).substr(8);
        rpm.size = bytes.size();
        const yum::HeaderView signature(rpm.signature, "signature header");
        const yum::HeaderView header(rpm.header_blob(), "main header");
        yum::check_shape(header, {});
        yum::check_texts(header);
        package = yum::describe_package(header);
        package.digest = core::sha256(bytes);
        fragments = yum::make_fragments(rpm, signature, header, package);
    });
    if (taken && !fragments.empty()) check(fragments, package);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    if (bytes.starts_with("\x8E\xAD\xE8\x01")) {
        header_alone(bytes);
    } else {
        whole(bytes);
    }
    return 0;
}
