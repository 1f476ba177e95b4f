// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/inspector.hpp"

#include "backends/apt/fragment_check.hpp"
#include "backends/apt/version.hpp"
#include "core/work/package_reading.hpp"

namespace apt {

std::string AptInspector::signed_bytes(core::File) const {
    return {};  // packages carry no signatures
}

void AptInspector::accept(const core::Inspection& inspection) const {
    check_fragments(inspection.fragments, inspection.package);
    shards::save_fragments(cache_, inspection.package.digest, inspection.fragments);
}

std::strong_ordering AptInspector::compare_versions(std::string_view a, std::string_view b) const {
    return apt::compare_versions(a, b);
}

shards::Fragments AptInspector::fragments(const core::Digest& digest,
                                          const std::filesystem::path& file) const {
    if (auto kept = shards::load_fragments(cache_, digest, fragment_count)) return *std::move(kept);
    return core::read_again(*cells_, *this, "deb", file, digest).fragments;
}

}  // namespace apt
