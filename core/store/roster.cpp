// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/roster.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <span>
#include <type_traits>
#include <unordered_map>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

/// What happens to one path.
struct RowEdits {
    std::vector<const Edit*> joins;
    std::vector<const Edit*> leaves;
};

/// The least of those of the releases that name a row.
std::uint64_t arrival_of(const std::set<std::string>& releases, const Arrivals& arrivals) {
    auto least = std::numeric_limits<std::uint64_t>::max();
    for (const std::string& release : releases) {
        const auto found = arrivals.find(release);
        least = std::min(least, found == arrivals.end() ? 0 : found->second);
    }
    return least;
}

/// The row of a path after edits; nothing if no release names it any more. `before` is what was
/// there, if anything was.
std::optional<Row> apply(const Row* before, const RowEdits& edits, const Arrivals& arrivals) {
    const Row& row = before != nullptr ? *before : edits.joins.front()->row;
    std::set<std::string> releases;
    if (before != nullptr) {
        const std::vector<std::string> all = split(row.releases, ",");
        releases.insert(all.begin(), all.end());
    }
    for (const Edit* edit : edits.leaves) releases.erase(edit->release);
    for (const Edit* edit : edits.joins) {
        if (row.digest != edit->row.digest) {
            throw Error(std::string(row.path) + " would name two contents in one repository");
        }
        releases.insert(edit->release);
    }
    if (releases.empty()) return std::nullopt;
    Row result(row.path, row.name, row.version, row.architecture, row.digest,
               join({releases.begin(), releases.end()}, ","));
    result.arrival = arrival_of(releases, arrivals);
    return result;
}

constexpr std::array field_of{&Row::path, &Row::name, &Row::version, &Row::architecture,
                              &Row::releases};

/// What stands in front of the text of a row's fields.
struct Head {
    std::uint64_t arrival;
    Digest digest;
    std::array<std::uint32_t, field_of.size()> sizes;  // of the fields
};

std::size_t size_of(const Row& row) {
    std::size_t size = sizeof(Head);
    for (const auto field : field_of) size += (row.*field).size();
    return size;
}

template <class Value>
void append(std::string& text, const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_row(std::string& text, const Row& row) {
    Head head{row.arrival, row.digest, {}};
    for (std::size_t i = 0; i < field_of.size(); ++i) {
        head.sizes[i] = static_cast<std::uint32_t>((row.*field_of[i]).size());
    }
    append(text, head);
    for (const auto field : field_of) text += row.*field;
}

std::string_view take(std::string_view& text, std::size_t size) {
    if (text.size() < size) throw Error("a roster is damaged");
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

template <class Value>
Value take(std::string_view& text) {
    Value value;
    std::memcpy(&value, take(text, sizeof value).data(), sizeof value);
    return value;
}

Row take_row(std::string_view& text) {
    const auto head = take<Head>(text);
    Row row;
    row.digest = head.digest;
    row.arrival = head.arrival;
    for (std::size_t i = 0; i < field_of.size(); ++i) row.*field_of[i] = take(text, head.sizes[i]);
    return row;
}

/// Under which key a chunk is kept, and for which generation it was written: a chunk that another
/// one took the place of is not taken for it.
struct ChunkPlace {
    Digest key;
    std::uint64_t composed = 0;

    bool operator==(const ChunkPlace&) const = default;
};

/// Appends the rows that stand behind the first `begin` bytes. They share the text.
void append_rows(Rows& rows, std::string text, std::size_t begin) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    for (auto rest = std::string_view(*shared).substr(begin); !rest.empty();) {
        rows.push_back(take_row(rest));
        rows.back().text = shared;
    }
}

/// The rows of a roster are kept in chunks, but for the last ones, which stand in the roster
/// itself. Where a chunk ends its content says, as with shards, so that a change writes few. Most
/// have some hundred rows, none has more than this.
constexpr std::size_t largest_chunk = 4096;

bool ends_chunk(const Row& row) {
    return row.digest.bytes[0] == 0 && row.digest.bytes[1] % 2 == 0;
}

std::span<const Row> first_chunk(std::span<const Row> rows) {
    std::size_t size = 0;
    while (size < std::min(rows.size(), largest_chunk) && !ends_chunk(rows[size])) ++size;
    return rows.first(std::min({size + 1, rows.size(), largest_chunk}));
}

/// The place of a chunk that is as it was loaded.
std::optional<ChunkPlace> kept_at(std::span<const Row> chunk) {
    const auto& text = chunk.front().text;
    std::size_t size = sizeof(ChunkPlace);
    for (const Row& row : chunk) {
        if (row.text != text) return std::nullopt;
        size += size_of(row);
    }
    if (!text || size != text->size()) return std::nullopt;
    std::string_view rest = *text;
    return take<ChunkPlace>(rest);
}

/// What is kept under a roster's name, before the places of its chunks and the last rows.
struct RosterHead {
    std::uint64_t composed = 0;
    std::uint64_t rows = 0;
    std::uint64_t chunks = 0;
};

std::string name_of(const std::string& repository, std::string_view index) {
    return fmt::format("roster 4 of {} {}", repository, index);
}

/// By its last row, which is the same most often: what is superseded does not stay.
ChunkPlace save_chunk(const Cache& cache, const std::string& name, std::uint64_t composed,
                      std::span<const Row> chunk) {
    const Digest key = sha256(fmt::format("{} to {}", name, chunk.back().path));
    if (const auto place = kept_at(chunk); place && place->key == key) return *place;
    const ChunkPlace place{key, composed};
    std::string text;
    append(text, place);
    for (const Row& row : chunk) append_row(text, row);
    cache.put(Cache::Key(key), text);
    return place;
}

}  // namespace

Change edited(Rows rows, const std::vector<Edit>& edits, const Arrivals& arrivals) {
    Change change;
    if (edits.empty()) {
        change.rows = std::move(rows);
        return change;
    }
    std::unordered_map<std::string_view, RowEdits> by_path;
    for (const Edit& edit : edits) {
        RowEdits& of_path = by_path[edit.row.path];
        (edit.join ? of_path.joins : of_path.leaves).push_back(&edit);
    }
    change.rows.reserve(rows.size() + by_path.size());
    for (Row& row : rows) {
        const auto found = by_path.find(row.path);
        if (found == by_path.end()) {
            change.rows.push_back(std::move(row));
            continue;
        }
        auto result = apply(&row, found->second, arrivals);
        by_path.erase(found);
        if (result && result->arrival == row.arrival) {
            change.rows.push_back(*std::move(result));
            continue;
        }
        if (result) change.added.push_back(*std::move(result));
        change.removed.push_back(std::move(row));
    }
    for (const auto& [path, of_path] : by_path) {
        if (of_path.joins.empty()) continue;
        if (auto result = apply(nullptr, of_path, arrivals)) change.added.push_back(*result);
    }
    std::ranges::sort(change.added, in_order);
    const auto middle = static_cast<std::ptrdiff_t>(change.rows.size());
    change.rows.insert(change.rows.end(), change.added.begin(), change.added.end());
    std::inplace_merge(change.rows.begin(), change.rows.begin() + middle, change.rows.end(),
                       in_order);
    return change;
}

std::optional<Rows> RosterStore::load(const std::string& repository, std::string_view index,
                                      std::uint64_t composed) const {
    auto kept = cache_.get(name_of(repository, index));
    if (!kept) return std::nullopt;
    try {
        std::string_view rest = *kept;
        const auto head = take<RosterHead>(rest);
        if (head.composed != composed) return std::nullopt;
        Rows rows;
        constexpr std::uint64_t many = 1 << 20;
        rows.reserve(std::min(head.rows, many));
        for (std::uint64_t i = 0; i < head.chunks; ++i) {
            const auto place = take<ChunkPlace>(rest);
            auto text = cache_.get(Cache::Key(place.key));
            if (!text) return std::nullopt;
            std::string_view chunk = *text;
            if (take<ChunkPlace>(chunk) != place) return std::nullopt;
            append_rows(rows, *std::move(text), sizeof place);
        }
        const std::size_t begin = kept->size() - rest.size();
        append_rows(rows, *std::move(kept), begin);
        if (rows.size() != head.rows) return std::nullopt;
        return rows;
    } catch (const Error&) {
        return std::nullopt;  // not as we write them now: made anew from the records
    }
}

void RosterStore::save(const std::string& repository, std::string_view index,
                       std::uint64_t composed, const Rows& rows) const {
    const std::string name = name_of(repository, index);
    RosterHead head{composed, rows.size(), 0};
    std::string places, last;
    for (std::span<const Row> rest = rows; !rest.empty();) {
        const std::span<const Row> chunk = first_chunk(rest);
        rest = rest.subspan(chunk.size());
        if (rest.empty()) {
            for (const Row& row : chunk) append_row(last, row);
            break;
        }
        append(places, save_chunk(cache_, name, composed, chunk));
        ++head.chunks;
    }
    std::string roster;
    append(roster, head);
    cache_.put(name, (roster += places) += last);
}

}  // namespace core
