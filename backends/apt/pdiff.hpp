// SPDX-License-Identifier: GPL-3.0-or-later
// Patches for indexes ("PDiffs"): an ed script leads from one state of Packages to the next, and
// Packages.diff/Index says which scripts a client needs. Pure: texts and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/digest.hpp"

namespace apt {

/// At one place of a text, whole lines leave and others come.
struct LineChange {
    std::uint64_t before = 0;   // lines of the old text in front of the place
    std::uint64_t leaving = 0;  // how many of its lines leave
    std::string coming;
};

/// The script that changes the text so. Places must be in order and may touch, not overlap. Throws
/// Error if what comes cannot stand in a script.
std::string ed_script(const std::vector<LineChange>& changes);

/// A file by what is in it.
struct Content {
    core::Digest digest;
    std::uint64_t size = 0;

    bool operator==(const Content&) const = default;
};

/// One patch that is offered. Each leads from where it is for to where the next one is for; the
/// last one leads to the present.
struct Patch {
    std::string name;  // patch_name(), or the generation alone
    Content from;      // the index that it is for
    Content script;
    Content gzip;  // the file, name + ".gz"

    bool operator==(const Patch&) const = default;
};

/// Of the generation that made it, and the digest of the file: never given twice. apt applies
/// patches in the order of their names (methods/rred.cc), so the later one has the greater name.
std::string patch_name(const core::Digest& gzip, const std::string& generation);

struct DiffIndex {
    Content current;
    std::vector<Patch> patches;  // the oldest first

    bool operator==(const DiffIndex&) const = default;
};

/// The text of Packages.diff/Index.
std::string diff_index_text(const DiffIndex& index);

/// Throws Error on anything that diff_index_text would not write.
DiffIndex parse_diff_index(std::string_view text);

/// The patches of `earlier` that clients of the new index are offered: those of `earlier` and
/// `newest`, which leads from earlier.current to `current`. Where `current` was there before (a
/// rollback), what led to it and away from it goes, so that every state stands in the chain once.
DiffIndex continued(DiffIndex earlier, Patch newest, const Content& current);

/// Drops the oldest patches until there are no more than 24 of no more than `limit` bytes together.
void shorten(DiffIndex& index, std::uint64_t limit);

}  // namespace apt
