// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/header_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "backends/yum/big_endian.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace yum {
namespace {

constexpr std::size_t counts_size = 8;
constexpr std::size_t entry_size = 16;
constexpr std::uint32_t signature_region = 62;
constexpr std::uint32_t main_region = 63;

[[noreturn]] void corrupt(std::string_view what, const std::string& message) {
    throw core::Refused(core::reason::package_corrupt, fmt::format("the {} {}", what, message),
                        "build the package again, or transfer it again");
}

bool is_region(std::uint32_t tag) {
    return tag == signature_region || tag == main_region;
}

/// Bytes of one value of a type with a fixed width; 0 for strings.
std::size_t width_of(TagType type) {
    switch (type) {
        case TagType::character:
        case TagType::int8:
        case TagType::binary:
            return 1;
        case TagType::int16:
            return 2;
        case TagType::int32:
            return 4;
        case TagType::int64:
            return 8;
        case TagType::string:
        case TagType::strings:
        case TagType::translated:
            return 0;
    }
    return 0;
}

/// The bytes of `count` strings at the beginning of `data`; npos if they do not end in it.
std::size_t strings_size(std::string_view data, std::uint32_t count) {
    std::size_t size = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t end = data.find('\0', size);
        if (end == std::string_view::npos) return end;
        size = end + 1;
    }
    return size;
}

HeaderEntry read_entry(std::string_view index, std::string_view data, std::uint32_t number,
                       std::string_view what) {
    const std::size_t at = number * entry_size;
    HeaderEntry entry;
    entry.tag = big_endian32(index, at);
    const std::uint32_t type = big_endian32(index, at + 4);
    const std::uint32_t offset = big_endian32(index, at + 8);
    entry.count = big_endian32(index, at + 12);
    if (type < 1 || type > 9)
        corrupt(what, fmt::format("gives tag {} the type {}", entry.tag, type));
    entry.type = static_cast<TagType>(type);
    const std::size_t width = width_of(entry.type);
    const bool single = entry.type == TagType::string;
    if (offset > data.size() || entry.count == 0 || entry.count > data.size() ||
        (single && entry.count != 1) || (width > 1 && offset % width != 0)) {
        corrupt(what, fmt::format("has a malformed index entry for tag {}", entry.tag));
    }
    const std::string_view rest = data.substr(offset);
    const std::size_t size = width != 0 ? width * entry.count : strings_size(rest, entry.count);
    if (size > rest.size()) {
        corrupt(what, fmt::format("has less data than its tag {} needs", entry.tag));
    }
    entry.value = rest.substr(0, size);
    return entry;
}

}  // namespace

std::uint64_t HeaderView::blob_size(std::string_view counts, std::string_view what) {
    const std::uint64_t entries = big_endian32(counts, 0);
    const std::uint64_t data = big_endian32(counts, 4);
    if (entries == 0 || entries > max_entries) {
        corrupt(what,
                fmt::format("claims {} index entries; 1 to {} are read", entries, max_entries));
    }
    return counts_size + entries * entry_size + data;
}

HeaderView::HeaderView(std::string_view blob, std::string_view what) : what_(what) {
    if (blob.size() < counts_size || blob_size(blob, what) != blob.size()) {
        corrupt(what, "is not as long as its counts say");
    }
    index_size_ = big_endian32(blob, 0);
    const std::string_view index = blob.substr(counts_size, index_size_ * entry_size);
    const std::string_view data = blob.substr(counts_size + index.size());
    entries_.reserve(index_size_);
    // Values lie in the order of the index, as rpm writes and expects them. That also bounds the
    // time: no byte is looked at for two entries.
    const char* end = data.data();
    for (std::uint32_t i = 0; i < index_size_; ++i) {
        const HeaderEntry entry = read_entry(index, data, i, what);
        if (is_region(entry.tag)) {
            if (i != 0) corrupt(what, "has a region in the middle");
        } else if (entry.value.data() < end) {
            corrupt(what, fmt::format("has overlapping values at tag {}", entry.tag));
        } else {
            end = entry.value.data() + entry.value.size();
        }
        entries_.push_back(entry);
    }
    if (is_region(entries_.front().tag) && entries_.front().value.data() < end) {
        corrupt(what, "has values beyond its region");
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const auto& a, const auto& b) { return a.tag < b.tag; });
    const auto twice =
        std::adjacent_find(entries_.begin(), entries_.end(),
                           [](const auto& a, const auto& b) { return a.tag == b.tag; });
    if (twice != entries_.end()) corrupt(what, fmt::format("has tag {} twice", twice->tag));
}

const HeaderEntry* HeaderView::find(std::uint32_t tag) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), tag,
                         [](const HeaderEntry& entry, std::uint32_t t) { return entry.tag < t; });
    return found != entries_.end() && found->tag == tag ? &*found : nullptr;
}

bool HeaderView::sealed_by(std::uint32_t tag) const {
    const HeaderEntry* region = find(tag);
    if (region == nullptr || region->type != TagType::binary || region->count != entry_size) {
        return false;
    }
    // The region's value is an index entry itself; its offset counts back over the index.
    const std::uint32_t back = big_endian32(region->value, 8);
    return big_endian32(region->value, 0) == tag && big_endian32(region->value, 4) == 7 &&
           static_cast<std::uint32_t>(-static_cast<std::int64_t>(back)) ==
               index_size_ * entry_size &&
           big_endian32(region->value, 12) == entry_size;
}

std::vector<std::string_view> HeaderView::texts(std::uint32_t tag) const {
    std::vector<std::string_view> result;
    const HeaderEntry* entry = find(tag);
    if (entry == nullptr || width_of(entry->type) != 0) return result;
    result.reserve(entry->count);
    std::string_view rest = entry->value;
    for (std::uint32_t i = 0; i < entry->count; ++i) {
        const std::size_t end = rest.find('\0');
        result.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return result;
}

std::string_view HeaderView::text(std::uint32_t tag) const {
    const HeaderEntry* entry = find(tag);
    if (entry == nullptr || width_of(entry->type) != 0) return {};
    return entry->value.substr(0, entry->value.find('\0'));
}

std::vector<std::uint64_t> HeaderView::numbers(std::uint32_t tag) const {
    std::vector<std::uint64_t> result;
    const HeaderEntry* entry = find(tag);
    if (entry == nullptr || entry->type == TagType::binary) return result;
    const std::size_t width = width_of(entry->type);
    if (width == 0) return result;
    result.reserve(entry->count);
    for (std::size_t i = 0; i < entry->count; ++i) {
        result.push_back(big_endian(entry->value, i * width, width));
    }
    return result;
}

std::optional<std::uint64_t> HeaderView::number(std::uint32_t tag) const {
    const std::vector<std::uint64_t> all = numbers(tag);
    if (all.empty()) return std::nullopt;
    return all.front();
}

}  // namespace yum
