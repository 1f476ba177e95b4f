// SPDX-License-Identifier: GPL-3.0-or-later
// A directory of a test's own, with a scratch directory in it and nothing else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/system/cells.hpp"
#include "tests/scratch.hpp"

/// Cells that read archives and descriptors; all tests share them.
const core::Cells& cells();

class Sandbox {
  public:
    Sandbox();

    std::filesystem::path scratch() const { return directory_ / "scratch"; }
    std::filesystem::path path(const std::string& name) const { return directory_ / name; }

    /// Files below scratch(), and directories with nothing in them.
    std::size_t scratch_files() const;

    /// Nobody wrote beside the scratch directory.
    bool untouched() const;

    /// Runs a shell command in the directory; throws unless it succeeds.
    void run(const std::string& command) const;

  private:
    tests::Scratch directory_;
};
