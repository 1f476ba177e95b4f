// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/inspector.hpp"

#include <fmt/format.h>
#include <memory>
#include <rpm/rpmver.h>

#include "backends/yum/fragment_check.hpp"
#include "backends/yum/rpm_file.hpp"
#include "core/work/package_reading.hpp"

namespace yum {
namespace {

struct FreeVersion {
    void operator()(rpmver version) const { rpmverFree(version); }
};
using Version = std::unique_ptr<rpmver_s, FreeVersion>;

}  // namespace

std::string YumInspector::signed_bytes(core::File file) const {
    return main_header(std::move(file));
}

void YumInspector::accept(const core::Inspection& inspection) const {
    check_fragments(inspection.fragments, inspection.package);
    shards::save_fragments(cache_, inspection.package.digest, inspection.fragments);
}

shards::Fragments YumInspector::fragments(const std::filesystem::path& file,
                                          const core::Digest& digest) const {
    constexpr std::size_t files = 3;
    if (auto kept = shards::load_fragments(cache_, digest, files)) return *std::move(kept);
    return core::read_again(cells_, *this, "rpm", file, digest).fragments;
}

std::strong_ordering YumInspector::compare_versions(std::string_view a, std::string_view b) const {
    const Version left(rpmverParse(std::string(a).c_str()));
    const Version right(rpmverParse(std::string(b).c_str()));
    if (!left || !right) return (left != nullptr) <=> (right != nullptr);
    return rpmverCmp(left.get(), right.get()) <=> 0;
}

}  // namespace yum
