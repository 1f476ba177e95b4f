// SPDX-License-Identifier: GPL-3.0-or-later
// A shard as a file of the cache, shards/ab/abcdef…: a head, then for every file of the index the
// open text and its gzip member. Head and sections bear checksums: what is damaged is "not there".
//
//   "sluice shard 1\n"  key (32)  sections (u32)  { size u64, crc u32 }…  crc u32 of all this
//   section 0: open text of file 0, section 1: gzip member of file 0, section 2: …
//   then, for each file whose lines are counted: how many each row has (u32)
//
// Numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/files.hpp"

namespace shards {

/// Seconds. What was used within the last day is not marked again.
constexpr std::int64_t often_enough = 24 * 60 * 60;

class StoredShard {
  public:
    /// A section, or a part of one: its offset is then that in the section.
    struct Section {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint32_t crc = 0;
    };

    /// Nullopt if there is no such shard, or its head is damaged, or it is cut short.
    static std::optional<StoredShard> open(const std::filesystem::path& directory,
                                           const core::Digest& key, std::size_t sections);

    /// Puts a shard into the cache; what is returned reads it even if it is deleted meanwhile.
    static StoredShard create(const std::filesystem::path& directory, const core::Digest& key,
                              const std::vector<std::string>& sections);

    /// What is used stays: shards that nobody has used for a month are collected. Opening one marks
    /// it; this is for one that is used without being read. If it cannot be marked, it is not.
    static void mark_as_used(const std::filesystem::path& directory, const core::Digest& key);

    /// A section, in `room`; nullopt if it is damaged. `room` grows as needed and is not cut,
    /// because to clear it for each shard would cost as much as reading. Safe to call from several
    /// threads, with a room each.
    std::optional<std::string_view> read(std::size_t section, std::string& room) const;

    /// The same for a part of a section, whose checksum the caller knows.
    std::optional<std::string_view> read(std::size_t section, const Section& part,
                                         std::string& room) const;

  private:
    StoredShard(core::File file, std::vector<Section> sections);

    core::File file_;
    std::vector<Section> sections_;
};

}  // namespace shards
