// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/records.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view extension = ".json";

/// True for what release_id makes; anything else never becomes a file name.
bool is_release_id(std::string_view id) {
    return !id.empty() && id.size() <= 255 - extension.size() && id.front() != '.' &&
           id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._+-@~") ==
               std::string_view::npos;
}

}  // namespace

Records::Records(fs::path directory) : directory_(std::move(directory)) {}

fs::path Records::file(std::string_view id) const {
    return directory_ / (std::string(id) + std::string(extension));
}

bool Records::has(std::string_view id) const {
    return is_release_id(id) && is_file(file(id));
}

void Records::require(std::string_view id) const {
    if (has(id)) return;
    throw Error(fmt::format("{} {}", escaped(file(id).native()), record_is_missing));
}

Release Records::load(std::string_view id) const {
    require(id);
    return with_context(file(id).string(), [&] { return release_from_json(read_file(file(id))); });
}

File Records::save(const Release& release) {
    if (!is_release_id(release.id)) throw Error("not a release id: " + escaped(release.id));
    return written_file(file(release.id), to_json(release));
}

void Records::remove(std::string_view id) {
    if (is_release_id(id)) remove_tree(file(id));
}

std::vector<std::string> Records::ids() const {
    std::vector<std::string> ids;
    for (const Entry& entry : entries(directory_)) {
        const std::string name = entry.name();
        if (!name.ends_with(extension)) continue;
        const std::string id = name.substr(0, name.size() - extension.size());
        if (is_release_id(id)) ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

const Release& RecordReader::load(const std::string& id) {
    const auto found = read_.find(id);
    return found != read_.end() ? found->second
                                : read_.emplace(id, records_.load(id)).first->second;
}

}  // namespace core
