// SPDX-License-Identifier: GPL-3.0-or-later
// repodata/repomd.xml: the one file with a fixed name. It names all others by digest and is signed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/digest.hpp"

namespace yum {

struct RepomdEntry {
    std::string type;  // "primary", "group_gz"
    std::string href;  // below the repository's root
    core::Digest digest;
    std::uint64_t size = 0;
    std::optional<core::Digest> open_digest;  // unset for a file that is not compressed
    std::uint64_t open_size = 0;
};

/// `revision` grows with each publication: dnf has no other notion of newer and older.
std::string repomd_text(const std::vector<RepomdEntry>& entries, std::uint64_t revision,
                        core::Time date);

/// Reads repomd.xml as clients do. Throws Error if it is not well-formed, lacks an index that
/// clients need, or has an entry that they would not follow: one outside repodata/, or without size
/// and SHA-256.
std::vector<RepomdEntry> read_repomd(const std::filesystem::path& file);

}  // namespace yum
