// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/repository.hpp"

#include <algorithm>
#include <tuple>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

constexpr std::ptrdiff_t levels = 3;  // of 16: a new release makes some fifty links, at any number

bool is_own(const std::vector<std::string>& parts_of_path) {
    return parts_of_path.size() > 3 && parts_of_path[2] == own_repositories_name;
}

}  // namespace

Row::Row(std::string_view path_, std::string_view name_, std::string_view version_,
         std::string_view architecture_, const Digest& digest_, std::string_view releases_)
    : digest(digest_) {
    std::string all;
    for (const std::string_view part : {path_, name_, version_, architecture_, releases_}) {
        all += part;
    }
    text = std::make_shared<const std::string>(std::move(all));
    std::string_view rest = *text;
    const auto take = [&](std::string_view part) {
        const std::string_view taken = rest.substr(0, part.size());
        rest.remove_prefix(part.size());
        return taken;
    };
    path = take(path_);
    name = take(name_);
    version = take(version_);
    architecture = take(architecture_);
    releases = take(releases_);
}

bool Row::operator==(const Row& other) const {
    const auto fields = [](const Row& row) {
        return std::tie(row.path, row.name, row.version, row.architecture, row.releases, row.digest,
                        row.arrival);
    };
    return fields(*this) == fields(other);
}

bool in_order(const Row& a, const Row& b) {
    return a.arrival != b.arrival ? a.arrival < b.arrival : a.path < b.path;
}

Rows by_path(Rows rows) {
    std::ranges::sort(rows, {}, &Row::path);
    return rows;
}

std::string Repository::path() const {
    std::string path = stage + "/" + line;
    if (!release.empty()) path.append("/").append(own_repositories_name).append("/") += release;
    path += "/" + platform;
    if (!tree.empty()) path += "/" + tree;
    return path;
}

Repository repository_at(const std::string& path) {
    std::vector<std::string> parts = split(path, "/");
    Repository repository;
    if (is_own(parts)) {
        repository.release = parts[3];
        parts.erase(parts.begin() + 2, parts.begin() + 4);
    }
    if (parts.size() < 3 || parts.size() > 4) throw Error(path + " is no path of a repository");
    repository.stage = parts[0];
    repository.line = parts[1];
    repository.platform = parts[2];
    if (parts.size() == 4) repository.tree = parts[3];
    return repository;
}

std::string Repository::place() const {
    return place_of(path());
}

Repository Repository::home() const {
    return {stage, line, "", platform, tree};
}

std::string release_of(const std::string& path) {
    const std::vector<std::string> parts = split(path, "/");
    return is_own(parts) ? parts[3] : std::string();
}

std::string place_of(const std::string& path) {
    const std::string release = release_of(path);
    if (release.empty()) return path;
    std::vector<std::string> parts = split(path, "/");
    const std::string hash = sha256(release).hex();
    for (std::ptrdiff_t i = 0; i < levels; ++i) {
        parts.insert(parts.begin() + 3 + i, std::string(1, hash[static_cast<std::size_t>(i)]));
    }
    return join(parts, "/");
}

std::string path_of(const std::string& place) {
    std::vector<std::string> parts = split(place, "/");
    if (parts.size() <= 3 + levels || parts[2] != own_repositories_name) return place;
    const auto begin = parts.begin() + 3;
    parts.erase(begin, begin + levels);
    std::string path = join(parts, "/");
    return place_of(path) == place ? path : place;
}

}  // namespace core
