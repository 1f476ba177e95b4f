// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/addresses.hpp"

#include <algorithm>
#include <set>

#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/work/configuration_change.hpp"

namespace core {

std::vector<Repository> published_places(const Release& release, const State& state) {
    const auto stands = state.standing.find(release.id);
    if (stands == state.standing.end()) return {};
    std::set<std::string> platforms;
    for (const Package& package : release.packages) platforms.insert(package.platform);
    std::set<Repository> own, shared;
    for (const auto& [path, published] : state.repositories) {
        Repository place = published.repository;
        place.tree.clear();
        if (place.stage != stands->second || place.line != release.line) continue;
        if (place.release == release.id) own.insert(place);
        if (place.release.empty() && platforms.contains(place.platform)) shared.insert(place);
    }
    const std::set<Repository>& places = own.empty() ? shared : own;
    return {places.begin(), places.end()};
}

Addresses::Addresses(const Layout& layout, const Configuration& published)
    : root_(published.public_url.empty()
                ? "file://" + percent_encoded(layout.public_tree().native(), "/")
                : published.public_url),
      platforms_(published.platforms) {}

/// dnf leaves out a repository, and apt a file, whose name has "~", "@" or "+" in it, as those of
/// releases may; ":" they take.
std::string Addresses::id(const Repository& repository) {
    std::string id = repository.line + "-" + repository.stage;
    if (!repository.release.empty()) id += "-";
    for (const char c : repository.release) {
        if (c == '+') {
            id += ":plus:";
        } else {
            id += c == '~' || c == '@' ? ':' : c;
        }
    }
    return id;
}

std::string Addresses::repository(const Repository& repository) const {
    return root_ + "/" + repository.path();
}

std::string Addresses::release(const Release& release, const State& state) const {
    const std::vector<Repository> places = published_places(release, state);
    if (places.empty()) return {};
    std::string url = repository(places.front());
    const bool is_alone = places.size() == 1 && places.front().release.empty();
    if (!is_alone) url.erase(url.rfind('/'));  // the directory of all its platforms
    return url + "/";
}

std::string Addresses::client_file_name(const Repository& repository,
                                        const Formats& formats) const {
    const auto platform = std::ranges::find(platforms_, repository.platform, &Platform::name);
    if (platform == platforms_.end()) throw Error(repository.path() + ": no such platform");
    return id(repository) + "-" + repository.platform + "." +
           formats.at(platform->format).backend->shape().client_extension;
}

std::string Addresses::client_file(const Repository& repository, const Formats& formats) const {
    return root_ + "/" + std::string(Layout::client_files_name) + "/" +
           client_file_name(repository, formats);
}

Addresses addresses_of(const Depot& depot, const State& state) {
    return {depot.layout, configuration_of(state, depot.configuration)};
}

}  // namespace core
