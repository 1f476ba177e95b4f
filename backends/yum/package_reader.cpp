// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/package_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include "backends/yum/checksig.hpp"
#include "backends/yum/file_digest.hpp"
#include "backends/yum/fragments.hpp"
#include "backends/yum/header_view.hpp"
#include "backends/yum/libraries.hpp"
#include "backends/yum/package_facts.hpp"
#include "backends/yum/package_rules.hpp"
#include "backends/yum/payload.hpp"
#include "backends/yum/rendered_size.hpp"
#include "backends/yum/rpm_file.hpp"
#include "backends/yum/tags.hpp"
#include "core/model/error.hpp"
#include "core/model/report.hpp"

namespace yum {
namespace {

/// Both headers of a file, which outlives them.
struct Headers {
    HeaderView signature;
    HeaderView main;

    explicit Headers(const RpmFile& rpm)
        : signature(rpm.signature, "signature header"), main(rpm.header_blob(), "main header") {}
};

core::Package described(const RpmFile& rpm, const Headers& headers, const core::Digest& digest) {
    core::Package package = describe_package(headers.main);
    package.digest = digest;
    package.size = rpm.size;
    return package;
}

/// What is said of a package is said of the bytes that its digest stands for: these, and not those
/// that somebody else read before.
RpmFile read_content(const archive::Source& content, const core::Digest& digest,
                     const core::PackageLimits& limits) {
    RpmFile rpm = read_rpm_file(content, limits);
    if (rpm.digest != digest) throw core::Error("its SHA-256 differs");
    return rpm;
}

/// The same open file once more, as a source of bytes, which is read by position.
archive::Source content_of(const core::File& file) {
    const int descriptor = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) throw core::system_error("cannot read a package");
    return archive::Source::opened(core::File(descriptor));
}

/// Signatures of the main header. Those over header and payload together (version 3, MD5 times) are
/// not looked at: the header covers the payload by its digest, which was compared.
std::vector<std::string> header_signatures(const HeaderView& signature) {
    std::vector<std::string> result;
    for (const std::uint32_t tag : {tag::rsa_header, tag::dsa_header}) {
        const HeaderEntry* entry = signature.find(tag);
        if (entry == nullptr) continue;
        // Of another type it is none, but rpm refuses the package for it: so it must be judged.
        const bool binary = entry->type == TagType::binary;
        result.push_back(binary ? std::string(entry->value) : std::string());
    }
    return result;
}

core::Report warnings_of(const HeaderView& header) {
    const int cut = cut_changes(header);
    if (cut == 0) return {};
    return {core::warning_at({}, core::reason::changelog_cut,
                             fmt::format("the {} oldest of the entries that would be published of "
                                         "the change log are left out: at most {} MiB of it are",
                                         cut, largest_other >> 20))};
}

}  // namespace

void RpmReader::prepare() const {
    prepare_libraries();
    FileDigest::prepare();
}

core::Inspection RpmReader::read(core::File file, const core::Digest& digest,
                                 const core::InspectionRule& rule) const {
    const archive::Source content = content_of(file);
    const RpmFile rpm = read_content(content, digest, rule.limits);
    const Headers headers(rpm);
    check_shape(headers.main, rule.limits);
    check_texts(headers.main);
    if (!rule.admitted) {
        check_integrity(rpm, headers.signature, headers.main);
        check_as_rpm_does(file);
        check_payload(content.part(rpm.header_end, rpm.size), headers.main, rule.limits);
        check_rendered(headers.main, rule.limits);
    }
    core::Inspection inspection;
    inspection.package = described(rpm, headers, digest);
    inspection.package.remarks = remarks_on(headers.main, inspection.package, rule.remarks);
    inspection.warnings = warnings_of(headers.main);
    inspection.signatures = header_signatures(headers.signature);
    inspection.fragments = make_fragments(rpm, headers.signature, headers.main, inspection.package);
    if (!rule.admitted) check_rendered(inspection.fragments, rule.limits);
    return inspection;
}

}  // namespace yum
