// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/places.hpp"

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/store/generation_tree.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/publication.hpp"

namespace core {
namespace fs = std::filesystem;

Places::Places(const Layout& layout, const MetadataPlaces& metadata) {
    for (const std::string& place : metadata.places()) {
        const std::string path = path_of(place);
        std::vector<std::string> parts = split(path, "/");
        if (parts.size() < 3) continue;  // of another kind: a line is called as metadata are
        all_.insert(layout.public_tree() / path);
        if (release_of(path).empty()) continue;
        parts.erase(parts.begin() + 2, parts.begin() + 4);
        all_.insert(layout.public_tree() / join(parts, "/"));
    }
}

bool Places::contains(const fs::path& directory) const {
    return all_.contains(directory);
}

bool Places::are_in(const fs::path& directory) const {
    const auto next = all_.lower_bound(directory);
    if (next == all_.end()) return false;
    return *next == directory || next->native().starts_with(directory.native() + "/");
}

MetadataPlaces::MetadataPlaces(const Layout& layout, const Formats& formats,
                               const std::set<std::uint64_t>& generations)
    : directories_(real_directories(layout, generations)) {
    std::set<std::string> names;
    for (const auto& [name, format] : formats) names.insert(format.backend->shape().metadata);
    for (const std::string& directory : directories_) {
        if (!names.contains(fs::path(directory).filename())) continue;
        const std::size_t generation = directory.find('/', directory.find('/') + 1);
        by_place_.emplace(directory.substr(generation + 1), directory);
    }
}

std::vector<std::string> MetadataPlaces::of(const PublishedRepository& published,
                                            const std::string& metadata) const {
    std::vector<std::string> found;
    const std::string path = published.repository.path();
    for (const std::string& place : std::set{published.place, path, place_of(path)}) {
        const auto [begin, end] = by_place_.equal_range(place + "/" + metadata);
        for (auto one = begin; one != end; ++one) found.push_back(one->second);
    }
    return found;
}

std::set<std::string> MetadataPlaces::places() const {
    std::set<std::string> all;
    for (const auto& [metadata, directory] : by_place_) {
        all.insert(fs::path(metadata).parent_path().native());
    }
    return all;
}

std::optional<Digest> digest_in_name(const fs::path& file) {
    constexpr std::size_t digits = 64;
    for (const std::string& part : split(file.filename().native(), "-.")) {
        const bool is_hex = part.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (part.size() == digits && is_hex) return Digest::parse(part);
    }
    return std::nullopt;
}

bool is_link_of_repository(const Layout& layout, const fs::path& link) {
    const std::string target = pointed(link).native();
    const fs::path directory = link.parent_path().lexically_relative(layout.public_tree());
    const auto leads_to = [&](const fs::path& place) {
        return target == relative_link(directory.native(), (place / link.filename()).native());
    };
    if (leads_to("current" / directory)) return true;
    if (leads_to(fs::path("current") / place_of(directory.native()))) return true;
    const std::vector<std::string> parts = split(directory.native(), "/");
    if (parts.size() < 5 || parts[2] != own_repositories_name) return false;
    fs::path home = fs::path(parts[0]) / parts[1];
    for (std::size_t i = 4; i < parts.size(); ++i) home /= parts[i];
    return leads_to(home);
}

bool is_copied_package(const Pool& pool, std::string_view format, const fs::path& package) {
    const fs::path owner = pool.name_link(format, package.filename().native());
    return !same_file(package, owner) && is_file(package, Links::are_seen) &&
           is_file(owner, Links::are_seen) && sha256_file(package) == sha256_file(owner);
}

std::vector<fs::path> dead_mirror_lists(const Depot& depot, const State& state) {
    std::vector<fs::path> dead;
    if (!depot.configuration.public_url.empty()) return dead;
    for (const auto& [path, published] : state.repositories) {
        fs::path link = depot.layout.stable(published.repository) / mirror_list;
        const bool is_link = kind_of(link, Links::are_seen) == Kind::link;
        if (is_link && is_link_of_repository(depot.layout, link)) dead.push_back(std::move(link));
    }
    return dead;
}

std::set<std::uint64_t> generations_of(const Layout& layout) {
    std::set<std::uint64_t> numbers;
    for (const Entry& entry : entries(layout.generations())) {
        const auto number = Layout::generation_number(entry.name());
        if (number && is_file(entry.path / "state.json")) numbers.insert(*number);
    }
    return numbers;
}

}  // namespace core
