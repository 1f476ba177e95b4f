// SPDX-License-Identifier: GPL-3.0-or-later
// Milestones: places in an index up to which its digests are known. The next index mostly begins
// with the same shards, and then goes on from the last milestone that both have in common: what
// stands before it is copied from the file that was published, and neither composed nor hashed.
//
// They are notes in the cache, made for one index and read once, by the one that follows it. A
// milestone is bound to the shards it stands for by a chain of their keys; what is copied is
// compared with its checksum on the way; and the check before the swap reads the whole file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/digest.hpp"

namespace shards {

/// Where one output of an index stands.
struct Place {
    core::Hasher::State hash;  // of all its bytes up to here
    std::uint32_t crc = 0;     // likewise
};

struct Milestone {
    std::size_t shards = 0;     // in front of it
    core::Digest chain;         // says which
    std::vector<Place> places;  // of each output
};

struct Milestones {
    std::vector<Milestone> all;      // in their order
    std::vector<std::string> lines;  // of all rows, as sections of shards have them
    std::int64_t marked = 0;         // when all shards were last marked as used; seconds since 1970
};

/// For each number of shards, none included, what names the first so many of them. `start` says
/// what all of them stand in.
std::vector<core::Digest> chain_of(std::string_view start, std::span<const core::Digest> keys);

/// Whether a milestone is kept after `shards` of `count`: after the last two of each power of two,
/// so that few are kept, mostly near the end, where an index changes.
bool is_milestone(std::size_t shards, std::size_t count);

std::string text_of(const Milestones& milestones);

/// Nothing if the text is not that of an index with so many outputs, of which so many files have
/// their lines counted.
std::optional<Milestones> milestones_in(std::string_view text, std::size_t outputs,
                                        std::size_t counted);

}  // namespace shards
