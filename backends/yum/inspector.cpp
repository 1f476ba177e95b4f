// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/inspector.hpp"

#include <fcntl.h>
#include <memory>
#include <rpm/rpmver.h>

#include "backends/yum/checksig.hpp"
#include "backends/yum/file_digest.hpp"
#include "backends/yum/fragments.hpp"
#include "backends/yum/header_view.hpp"
#include "backends/yum/libraries.hpp"
#include "backends/yum/package_rules.hpp"
#include "backends/yum/payload.hpp"
#include "backends/yum/rpm_file.hpp"
#include "backends/yum/tags.hpp"
#include "core/model/error.hpp"

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
RpmFile read_content(const archive::Source& content, const std::filesystem::path& file,
                     const core::Digest& digest, const core::PackageLimits& limits) {
    RpmFile rpm = core::with_context("reading " + file.string(),
                                     [&] { return read_rpm_file(content, limits); });
    if (rpm.digest != digest) throw core::Error(file.string() + " is damaged: its SHA-256 differs");
    return rpm;
}

/// The same open file once more, as a source of bytes, which is read by position.
archive::Source content_of(const core::File& file) {
    const int descriptor = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) throw core::system_error("cannot read a package");
    return archive::Source::opened(core::File(descriptor));
}

/// Signatures of the main header. Those over header and payload together (version 3, MD5 times) are
/// not looked at: the header covers the payload by its digest, which inspect() has compared.
std::vector<core::PackageSignature> header_signatures(const RpmFile& rpm,
                                                      const HeaderView& signature) {
    std::vector<core::PackageSignature> result;
    for (const std::uint32_t tag : {tag::rsa_header, tag::dsa_header}) {
        const HeaderEntry* entry = signature.find(tag);
        if (entry == nullptr) continue;
        // Of another type it is none, but rpm refuses the package for it: so it must be judged.
        const bool binary = entry->type == TagType::binary;
        result.push_back({binary ? std::string(entry->value) : std::string(), rpm.header});
    }
    return result;
}

/// What was admitted once is not judged by what a line gives today.
constexpr core::PackageLimits stood_already = [] {
    core::PackageLimits limits;
    for (const auto& setting : core::package_limit_settings) limits.*setting.value = 1u << 30;
    return limits;
}();

struct FreeVersion {
    void operator()(rpmver version) const { rpmverFree(version); }
};
using Version = std::unique_ptr<rpmver_s, FreeVersion>;

}  // namespace

void YumInspector::prepare() const {
    prepare_libraries();
    FileDigest::prepare();
}

core::Inspection YumInspector::inspect(const std::filesystem::path& file,
                                       const core::Digest& digest) const {
    const core::PackageLimits limits;
    const core::File open = core::File::open_to_read(file);
    const archive::Source content = content_of(open);
    const RpmFile rpm = read_content(content, file, digest, limits);
    const Headers headers(rpm);
    check_shape(headers.main, limits);
    check_integrity(rpm, headers.signature, headers.main);
    check_texts(headers.main);
    check_as_rpm_does(open);
    check_payload(content.part(rpm.header_end, rpm.size), headers.main, limits);
    core::Inspection inspection;
    inspection.package = described(rpm, headers, digest);
    inspection.signatures = header_signatures(rpm, headers.signature);
    shards::save_fragments(
        cache_, digest, make_fragments(rpm, headers.signature, headers.main, inspection.package));
    return inspection;
}

shards::Fragments YumInspector::fragments(const std::filesystem::path& file,
                                          const core::Digest& digest) const {
    constexpr std::size_t files = 3;
    if (auto kept = shards::load_fragments(cache_, digest, files)) return *std::move(kept);
    try {
        const RpmFile rpm =
            read_content(content_of(core::File::open_to_read(file)), file, digest, stood_already);
        const Headers headers(rpm);
        check_shape(headers.main, stood_already);
        check_texts(headers.main);
        const core::Package package = described(rpm, headers, digest);
        shards::Fragments fragments = make_fragments(rpm, headers.signature, headers.main, package);
        shards::save_fragments(cache_, digest, fragments);
        return fragments;
    } catch (const core::Refused& refused) {
        // It was sound when it was admitted: this is damage, for the operator.
        throw core::Error(file.string() + " is damaged: " + refused.what());
    }
}

std::strong_ordering YumInspector::compare_versions(std::string_view a, std::string_view b) const {
    const Version left(rpmverParse(std::string(a).c_str()));
    const Version right(rpmverParse(std::string(b).c_str()));
    if (!left || !right) return (left != nullptr) <=> (right != nullptr);
    return rpmverCmp(left.get(), right.get()) <=> 0;
}

}  // namespace yum
