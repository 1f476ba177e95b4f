// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/roster.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/text.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view rosters = "rosters";
constexpr std::size_t typical_line = 192;  // bytes

/// What happens to one path.
struct RowEdits {
    std::vector<const Edit*> joins;
    std::vector<const Edit*> leaves;
};

template <class Action>
void change_releases(Row& row, const Action& action) {
    const std::vector<std::string> before = split(row.releases, ",");
    std::set<std::string> all(before.begin(), before.end());
    action(all);
    row.releases = join({all.begin(), all.end()}, ",");
}

/// Applies edits to the row of their path, which is there before (`row.releases` not empty) or not.
void apply(Row& row, const RowEdits& edits) {
    // Releases join before others leave: a row that changes hands in one operation stays.
    for (const Edit* edit : edits.joins) {
        if (row.releases.empty()) {
            row = edit->row;
            row.releases = edit->release;
            continue;
        }
        if (row.digest != edit->row.digest) {
            throw Error(row.path + " would name two contents in one repository");
        }
        change_releases(row, [&](std::set<std::string>& all) { all.insert(edit->release); });
    }
    for (const Edit* edit : edits.leaves) {
        change_releases(row, [&](std::set<std::string>& all) { all.erase(edit->release); });
    }
}

/// Takes the text up to `separator` off the front.
std::string_view take(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) throw Error("a roster is damaged");
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end + 1);
    return part;
}

Rows rows_of(std::string_view text) {
    Rows rows;
    rows.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
    while (!text.empty()) {
        Row& row = rows.emplace_back();
        row.path = take(text, '\t');
        row.name = take(text, '\t');
        row.version = take(text, '\t');
        row.architecture = take(text, '\t');
        row.digest = Digest::parse(take(text, '\t'));
        row.releases = take(text, '\n');
    }
    return rows;
}

std::string key_of(const std::string& repository, std::string_view index, std::uint64_t composed) {
    std::string file(index);
    std::replace(file.begin(), file.end(), '/', '_');
    return std::string(rosters) + "/" + Layout::generation_name(composed) + "/" + repository + "/" +
           file + ".roster";
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
    const auto text = cache_.get(key_of(repository, index, composed));
    if (!text) return std::nullopt;
    try {
        return rows_of(*text);
    } catch (const Error&) {
        return std::nullopt;  // not as we write them now: made anew from the records
    }
}

void RosterStore::save(const std::string& repository, std::string_view index,
                       std::uint64_t composed, const Rows& rows) const {
    std::string text;
    text.reserve(rows.size() * typical_line);
    for (const Row& row : rows) {
        for (const std::string* field : {&row.path, &row.name, &row.version, &row.architecture}) {
            text += *field;
            text += '\t';
        }
        text += row.digest.hex();
        text += '\t';
        text += row.releases;
        text += '\n';
    }
    cache_.put(key_of(repository, index, composed), text);
}

void RosterStore::keep_only(const std::function<bool(std::uint64_t)>& keep) const {
    std::error_code error;
    for (fs::directory_iterator entry(cache_.directory() / rosters, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const auto number = Layout::generation_number(entry->path().filename().string());
        if (!number || !keep(*number)) remove_tree(entry->path());
    }
}

}  // namespace core
