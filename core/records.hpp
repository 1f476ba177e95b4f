// SPDX-License-Identifier: GPL-3.0-or-later
// The records: releases/<id>.json, one immutable file for each admitted release.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.hpp"
#include "core/release.hpp"

namespace core {

class Records {
  public:
    explicit Records(std::filesystem::path directory);

    bool has(std::string_view id) const;

    /// Throws Refused (unknown-release) if there is none of that id.
    Release load(std::string_view id) const;

    /// The file is still open: flushing is the caller's.
    File save(const Release& release);

    void remove(std::string_view id);

    /// All ids, sorted.
    std::vector<std::string> ids() const;

  private:
    std::filesystem::path file(std::string_view id) const;

    std::filesystem::path directory_;
};

}  // namespace core
