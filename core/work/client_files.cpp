// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/client_files.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

bool has_text(const fs::path& file, const std::string& text) {
    return is_file(file) && read_file(file) == text;
}

Repository without_tree(Repository repository) {
    repository.tree.clear();
    return repository;
}

const std::string& provider_key_stem() {
    static const std::string stem =
        fmt::format("{}/{}", Layout::keys_name, ClientFiles::provider_prefix);
    return stem;
}

}  // namespace

const Format& ClientFiles::format_of(const Repository& repository) const {
    return formats_.at(depot_.configuration.platform(repository.platform).format);
}

ClientEntry ClientFiles::entry(const Repository& repository) const {
    const Configuration& configuration = depot_.configuration;
    const Line& line = configuration.line(repository.line);
    const Stage& stage = configuration.stage(repository.stage);
    ClientEntry entry;
    entry.repository = without_tree(repository);
    entry.platform = configuration.platform(repository.platform);
    entry.id = Addresses::id(repository);
    entry.title = line.title + " " + stage.name;
    if (!repository.release.empty()) entry.title += " (" + repository.release + " only)";
    entry.suite = line.name;
    entry.url = addresses_.repository(entry.repository);
    entry.mirror_list = !configuration.public_url.empty();
    entry.key_urls.push_back(addresses_.root() + "/keys/" + std::string(depot_key_file));
    for (const auto& [name, key] : provider_keys_) {
        entry.key_urls.push_back(addresses_.root() + "/keys/" + std::string(provider_prefix) +
                                 name);
    }
    entry.public_key = public_key_;
    // The repository of one release is chosen deliberately by whoever installs its client file.
    entry.enabled = stage.enabled || !repository.release.empty();
    entry.packages_signed = line.signatures == SignaturePolicy::require;
    return entry;
}

std::string ClientFiles::text(const Repository& repository) const {
    return format_of(repository).backend->client_file(entry(repository));
}

std::map<std::string, std::string> ClientFiles::keys() const {
    std::map<std::string, std::string> files;
    files[fmt::format("{}/{}", Layout::keys_name, depot_key_file)] = public_key_;
    for (const auto& [name, file] : provider_keys_) files[provider_key_stem() + name] = file.text;
    return files;
}

bool ClientFiles::keys_are_in(const fs::path& generation) const {
    return std::ranges::all_of(
        keys(), [&](const auto& key) { return has_text(generation / key.first, key.second); });
}

std::string ClientFiles::path(const State& state, const PublishedRepository& published) const {
    return client_directory(state, published) + "/" +
           addresses_.client_file_name(published.repository, formats_);
}

std::set<std::string> ClientFiles::paths(const State& state) const {
    std::set<std::string> all;
    for (const auto& [path, published] : state.repositories)
        all.insert(this->path(state, published));
    return all;
}

std::map<std::string, std::string> ClientFiles::all(const State& state) const {
    std::map<std::string, std::string> files;
    for (const auto& [path, published] : state.repositories) {
        std::string& text = files[this->path(state, published)];
        if (text.empty()) text = this->text(published.repository);  // one for all its trees
    }
    return files;
}

std::set<std::string> ClientFiles::write(const State& state, const State& before,
                                         const std::set<std::string>& own,
                                         const fs::path& directory, Flusher& flusher) const {
    const fs::path previous = depot_.layout.generation(before.generation);
    std::set<std::string> written;
    for (const auto& [path, published] : state.repositories) {
        if (!own.contains(client_directory(state, published))) continue;
        const std::string file = this->path(state, published);
        if (!written.insert(file).second) continue;
        const std::string text = this->text(published.repository);
        if (has_text(previous / file, text)) {
            hard_link(previous / file, directory / file);
        } else {
            flusher.write_file(directory / file, text);
        }
        if (!before.client_files_apart()) continue;
        // The links of before lead to a directory of their own until the next operation.
        const fs::path apart = directory / Layout::client_files_name;
        make_directories(apart);
        hard_link(directory / file, apart / fs::path(file).filename());
    }
    return written;
}

ProviderKeys handed_out_keys(const Depot& depot, const State& current, ProviderKeys present) {
    const fs::path generation = depot.layout.generation(current.generation);
    for (const Provider& provider : depot.configuration.providers) {
        for (const std::string& name : provider.key_files) {
            const std::string path = provider_key_stem() + name;
            const auto made = current.handed_out.find(path);
            if (present.contains(name) || made == current.handed_out.end()) continue;
            if (!is_file(generation / path, Links::are_seen)) continue;
            std::string text = read_file(generation / path);
            if (sha256(text) == made->second) present[name].text = std::move(text);
        }
    }
    return present;
}

std::map<std::string, Digest> key_digests(const ProviderKeys& keys) {
    std::map<std::string, Digest> digests;
    for (const auto& [name, file] : keys) digests[provider_key_stem() + name] = sha256(file.text);
    return digests;
}

std::vector<std::string> key_changes(const std::map<std::string, Digest>& made,
                                     const std::map<std::string, Digest>& wanted) {
    const std::string& stem = provider_key_stem();
    std::vector<std::string> changes;
    const auto tell = [&](const std::string& path, std::string_view what) {
        if (!path.starts_with(stem)) return;
        changes.push_back(fmt::format("{} {}", path.substr(stem.size()), what));
    };
    for (const auto& [path, digest] : wanted) {
        const auto before = made.find(path);
        if (before == made.end()) {
            tell(path, "is new");
        } else if (before->second != digest) {
            tell(path, "has changed");
        }
    }
    for (const auto& [path, digest] : made) {
        if (!wanted.contains(path)) tell(path, "is gone");
    }
    return changes;
}

}  // namespace core
