// SPDX-License-Identifier: GPL-3.0-or-later
// An RPM header (signature or main) seen through checks of ours: the form librpm reads as well, but
// narrower. Whatever passes here has one meaning only: no tag twice, no value out of bounds, none
// that overlaps another. librpm is shown a header only after that.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace yum {

enum class TagType : std::uint32_t {
    character = 1,
    int8 = 2,
    int16 = 3,
    int32 = 4,
    int64 = 5,
    string = 6,
    binary = 7,
    strings = 8,
    translated = 9,  // one string for each locale, the untranslated one first
};

struct HeaderEntry {
    std::uint32_t tag = 0;
    TagType type{};
    std::uint32_t count = 0;
    std::string_view value;  // its bytes in the header
};

class HeaderView {
  public:
    /// How much an index may hold, before anything is allocated for it.
    static constexpr std::uint32_t max_entries = 100'000;

    /// `blob`: the two counts, the index, the data; it is borrowed and must outlive the view.
    /// `what` names the header in messages. Throws Refused (package-corrupt).
    HeaderView(std::string_view blob, std::string_view what);

    /// The size a blob has whose first 8 bytes are `counts`. Throws Refused if there are no
    /// entries, or more than are read.
    static std::uint64_t blob_size(std::string_view counts, std::string_view what);

    const HeaderEntry* find(std::uint32_t tag) const;
    const std::vector<HeaderEntry>& entries() const { return entries_; }

    /// True if one region (`tag` 62 or 63) seals all other entries: nothing was added behind it.
    bool sealed_by(std::uint32_t tag) const;

    /// The first string; empty if there is no such tag or it is no text.
    std::string_view text(std::uint32_t tag) const;

    std::vector<std::string_view> texts(std::uint32_t tag) const;

    /// Integers of any width; empty if there is no such tag or it is no number.
    std::vector<std::uint64_t> numbers(std::uint32_t tag) const;
    std::optional<std::uint64_t> number(std::uint32_t tag) const;

  private:
    std::string_view what_;
    std::uint32_t index_size_ = 0;
    std::vector<HeaderEntry> entries_;  // sorted by tag
};

}  // namespace yum
