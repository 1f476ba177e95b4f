// SPDX-License-Identifier: GPL-3.0-or-later
// Where public/ has repositories beside the generations, and which links are theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <vector>

#include "core/depot.hpp"

namespace core {

class Places {
  public:
    /// Of the repositories that these generations have.
    Places(const Depot& depot, const std::set<std::uint64_t>& generations);

    bool contains(const std::filesystem::path& directory) const;

    /// True for a place and for what leads to one.
    bool are_in(const std::filesystem::path& directory) const;

  private:
    std::set<std::filesystem::path> all_;
};

/// True for a link of a repository beside the generations: to what `current` has there under its
/// name, or from the repository of one release to the packages of all.
bool is_link_of_repository(const Layout& layout, const std::filesystem::path& link);

/// The links to mirror lists that are left where no public URL is configured any more.
std::vector<std::filesystem::path> dead_mirror_lists(const Depot& depot, const State& state);

/// Those that are there.
std::set<std::uint64_t> generations_of(const Layout& layout);

}  // namespace core
