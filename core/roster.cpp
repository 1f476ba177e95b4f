// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/roster.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <unordered_map>

#include "core/error.hpp"
#include "core/text.hpp"

namespace core {
namespace {

// Bytes of a row as it is kept; most are between.
constexpr std::size_t small_row = 112;
constexpr std::size_t large_row = 192;

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

void append(std::string& text, const Row& row) {
    Head head{row.arrival, row.digest, {}};
    for (std::size_t i = 0; i < field_of.size(); ++i) {
        head.sizes[i] = static_cast<std::uint32_t>((row.*field_of[i]).size());
    }
    text.append(reinterpret_cast<const char*>(&head), sizeof head);
    for (const auto field : field_of) text += row.*field;
}

std::string_view take(std::string_view& text, std::size_t size) {
    if (text.size() < size) throw Error("a roster is damaged");
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

Row take_row(std::string_view& text) {
    Head head;
    std::memcpy(&head, take(text, sizeof head).data(), sizeof head);
    Row row;
    row.digest = head.digest;
    row.arrival = head.arrival;
    for (std::size_t i = 0; i < field_of.size(); ++i) row.*field_of[i] = take(text, head.sizes[i]);
    return row;
}

/// Of what follows the first `begin` bytes.
Rows rows_of(std::string text, std::size_t begin) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    Rows rows;
    rows.reserve(shared->size() / small_row);
    for (std::string_view rest = std::string_view(*shared).substr(begin); !rest.empty();) {
        rows.push_back(take_row(rest));
        rows.back().text = shared;
    }
    return rows;
}

std::string key_of(const std::string& repository, std::string_view index) {
    return fmt::format("roster 3 of {} {}", repository, index);
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
    auto text = cache_.get(key_of(repository, index));
    std::uint64_t generation = 0;
    if (!text || text->size() < sizeof generation) return std::nullopt;
    std::memcpy(&generation, text->data(), sizeof generation);
    if (generation != composed) return std::nullopt;
    try {
        return rows_of(*std::move(text), sizeof generation);
    } catch (const Error&) {
        return std::nullopt;  // not as we write them now: made anew from the records
    }
}

void RosterStore::save(const std::string& repository, std::string_view index,
                       std::uint64_t composed, const Rows& rows) const {
    std::string text;
    text.reserve(sizeof composed + rows.size() * large_row);
    text.append(reinterpret_cast<const char*>(&composed), sizeof composed);
    for (const Row& row : rows) append(text, row);
    cache_.put(key_of(repository, index), text);
}

}  // namespace core
