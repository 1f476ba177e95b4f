// SPDX-License-Identifier: GPL-3.0-or-later
// Where public/ has repositories beside the generations, and which links are theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/work/backend.hpp"

namespace core {

/// Where generations have the metadata of repositories: in real directories, one for each that made
/// it anew.
class MetadataPlaces {
  public:
    MetadataPlaces(const Layout& layout, const Formats& formats,
                   const std::set<std::uint64_t>& generations);

    /// The directories that some generation consists of, below public/.
    const std::set<std::string>& all_directories() const { return directories_; }

    /// Where repositories are in generations.
    std::set<std::string> places() const;

    /// Those of one repository's metadata, below public/.
    std::vector<std::string> of(const PublishedRepository& published,
                                const std::string& metadata) const;

  private:
    std::set<std::string> directories_;
    std::multimap<std::string, std::string> by_place_;
};

class Places {
  public:
    /// Of the repositories that generations have.
    Places(const Layout& layout, const MetadataPlaces& metadata);

    bool contains(const std::filesystem::path& directory) const;

    /// True for a place and for what leads to one.
    bool are_in(const std::filesystem::path& directory) const;

  private:
    std::set<std::filesystem::path> all_;
};

/// The SHA-256 in the name of a file that is named by its content, as metadata is
/// (by-hash/SHA256/DIGEST, DIGEST-primary.xml.gz, 000124-DIGEST.gz).
std::optional<Digest> digest_in_name(const std::filesystem::path& file);

/// True for a link of a repository beside the generations: to what `current` has there under its
/// name, or from the repository of one release to the packages of all.
bool is_link_of_repository(const Layout& layout, const std::filesystem::path& link);

/// True for a package beside the generations that is a copy of the pool's file of its name, and not
/// that file, as in a depot that was copied without its hard links.
bool is_copied_package(const Pool& pool, std::string_view format,
                       const std::filesystem::path& package);

/// The links to mirror lists that are left where no public URL is configured any more.
std::vector<std::filesystem::path> dead_mirror_lists(const Depot& depot, const State& state);

/// Those that are there. Directories that others lead to, of generations that were collected, have
/// no state.json.
std::set<std::uint64_t> generations_of(const Layout& layout);

}  // namespace core
