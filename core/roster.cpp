// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/roster.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/text.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view rosters = "rosters";
// Bytes of a row as it is kept; most are between.
constexpr std::size_t small_row = 112;
constexpr std::size_t large_row = 192;

/// What happens to one path.
struct RowEdits {
    std::vector<const Edit*> joins;
    std::vector<const Edit*> leaves;
};

Row with_releases(const Row& row, std::string_view releases) {
    return {row.path, row.name, row.version, row.architecture, row.digest, releases};
}

template <class Action>
void change_releases(Row& row, const Action& action) {
    const std::vector<std::string> before = split(row.releases, ",");
    std::set<std::string> all(before.begin(), before.end());
    action(all);
    row = with_releases(row, join({all.begin(), all.end()}, ","));
}

/// Applies edits to the row of their path, which is there before (`row.releases` not empty) or not.
void apply(Row& row, const RowEdits& edits) {
    // Releases join before others leave: a row that changes hands in one operation stays.
    for (const Edit* edit : edits.joins) {
        if (row.releases.empty()) {
            row = with_releases(edit->row, edit->release);
            continue;
        }
        if (row.digest != edit->row.digest) {
            throw Error(std::string(row.path) + " would name two contents in one repository");
        }
        change_releases(row, [&](std::set<std::string>& all) { all.insert(edit->release); });
    }
    for (const Edit* edit : edits.leaves) {
        change_releases(row, [&](std::set<std::string>& all) { all.erase(edit->release); });
    }
}

constexpr std::array field_of{&Row::path, &Row::name, &Row::version, &Row::architecture,
                              &Row::releases};

/// What stands in front of the text of a row's fields.
struct Head {
    Digest digest;
    std::array<std::uint32_t, field_of.size()> sizes;  // of the fields
};

void append(std::string& text, const Row& row) {
    Head head{row.digest, {}};
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
    for (std::size_t i = 0; i < field_of.size(); ++i) row.*field_of[i] = take(text, head.sizes[i]);
    return row;
}

Rows rows_of(std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    Rows rows;
    rows.reserve(shared->size() / small_row);
    for (std::string_view rest = *shared; !rest.empty();) {
        rows.push_back(take_row(rest));
        rows.back().text = shared;
    }
    return rows;
}

std::string key_of(const std::string& repository, std::string_view index, std::uint64_t composed) {
    std::string file(index);
    std::replace(file.begin(), file.end(), '/', '_');
    return std::string(rosters) + "/" + Layout::generation_name(composed) + "/" + repository + "/" +
           file + ".rows";
}

}  // namespace

Change edited(Rows rows, const std::vector<Edit>& edits) {
    Change change;
    if (edits.empty()) {
        change.rows = std::move(rows);
        return change;
    }
    std::map<std::string_view, RowEdits> by_path;
    for (const Edit& edit : edits) {
        RowEdits& of_path = by_path[edit.row.path];
        (edit.join ? of_path.joins : of_path.leaves).push_back(&edit);
    }
    change.rows.reserve(rows.size() + by_path.size());
    auto row = rows.begin();
    const auto keep_rows_before = [&](std::string_view path) {
        while (row != rows.end() && row->path < path) change.rows.push_back(std::move(*row++));
    };
    for (const auto& [path, of_path] : by_path) {
        keep_rows_before(path);
        const bool was_there = row != rows.end() && row->path == path;
        Row result = was_there ? std::move(*row++) : Row();
        const Row before = result;
        apply(result, of_path);
        if (!result.releases.empty()) {
            if (!was_there) change.added.push_back(result);
            change.rows.push_back(std::move(result));
        } else if (was_there) {
            change.removed.push_back(before);
        }
    }
    while (row != rows.end()) change.rows.push_back(std::move(*row++));
    return change;
}

std::optional<Rows> RosterStore::load(const std::string& repository, std::string_view index,
                                      std::uint64_t composed) const {
    auto text = cache_.get(key_of(repository, index, composed));
    if (!text) return std::nullopt;
    try {
        return rows_of(*std::move(text));
    } catch (const Error&) {
        return std::nullopt;  // not as we write them now: made anew from the records
    }
}

void RosterStore::save(const std::string& repository, std::string_view index,
                       std::uint64_t composed, const Rows& rows) const {
    std::string text;
    text.reserve(rows.size() * large_row);
    for (const Row& row : rows) append(text, row);
    cache_.put(key_of(repository, index, composed), text);
}

void RosterStore::keep_only(const std::function<bool(std::uint64_t)>& keep) const {
    for (const Entry& entry : entries(cache_.directory() / rosters, Absent::is_empty)) {
        const auto number = Layout::generation_number(entry.name());
        if (!number || !keep(*number)) remove_tree(entry.path);
    }
}

}  // namespace core
