// SPDX-License-Identifier: GPL-3.0-or-later
// Room for one who has none in a depot.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/model/error.hpp"

namespace command_line {

/// Where everybody may write: a name that nobody can know before, closed to all others.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "sluice-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw core::system_error("cannot create " + name);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace command_line
