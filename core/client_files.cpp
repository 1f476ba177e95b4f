// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/client_files.hpp"

#include <fmt/format.h>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

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

ClientEntry ClientFiles::entry(const Repository& repository, const ProviderKeys& keys) const {
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
    for (const auto& [name, key] : keys) {
        entry.key_urls.push_back(addresses_.root() + "/keys/" + std::string(provider_prefix) +
                                 name);
    }
    entry.public_key = signer_.public_key();
    // The repository of one release is chosen deliberately by whoever installs its client file.
    entry.enabled = stage.enabled || !repository.release.empty();
    entry.packages_signed = line.signatures == SignaturePolicy::require;
    return entry;
}

std::string ClientFiles::text(const Repository& repository, const ProviderKeys& keys) const {
    return format_of(repository).backend->client_file(entry(repository, keys));
}

std::map<std::string, std::string> ClientFiles::all(const State& state) const {
    std::map<std::string, std::string> files;
    const ProviderKeys provider_keys = provider_keys_();
    const std::string keys = std::string(Layout::keys_name) + "/";
    files[keys + std::string(depot_key_file)] = signer_.public_key();
    for (const auto& [name, file] : provider_keys) {
        files[provider_key_stem() + name] = file.text;
    }
    for (const auto& [path, published] : state.repositories) {
        std::string& text = files[std::string(Layout::client_files_name) + "/" +
                                  addresses_.client_file_name(published.repository, formats_)];
        if (text.empty())
            text = this->text(published.repository, provider_keys);  // one for all its trees
    }
    return files;
}

std::map<std::string, Digest> ClientFiles::write(const State& state, const fs::path& directory,
                                                 const fs::path& previous) const {
    std::map<std::string, Digest> written;
    make_directories(directory / Layout::keys_name);
    make_directories(directory / Layout::client_files_name);
    for (const auto& [path, text] : all(state)) {
        written[path] = sha256(text);
        if (has_text(previous / path, text)) {
            hard_link(previous / path, directory / path);
        } else {
            write_file(directory / path, text);
        }
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
