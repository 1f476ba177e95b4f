// SPDX-License-Identifier: GPL-3.0-or-later
// Where public/ has repositories beside the generations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>

#include "core/depot.hpp"

namespace core {

class Places {
  public:
    /// Of the repositories that these generations have, and the directories of those of releases.
    Places(const Depot& depot, const std::set<std::uint64_t>& generations);

    bool contains(const std::filesystem::path& directory) const;

    /// True for a place and for what leads to one.
    bool are_in(const std::filesystem::path& directory) const;

  private:
    std::set<std::filesystem::path> all_;
};

/// Those that are there.
std::set<std::uint64_t> generations_of(const Layout& layout);

}  // namespace core
