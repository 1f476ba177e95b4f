// SPDX-License-Identifier: GPL-3.0-or-later
// An archive, read in a cell: the task "archive" and who asks for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "backends/archive/reader.hpp"
#include "core/model/bundle_limits.hpp"
#include "core/system/cells.hpp"

namespace bundle {

core::CellTask archive_task();

/// As archive::Reader, with the same refusals. Used by one thread. The cell ends with it.
class ArchiveCell {
  public:
    /// Throws Error if there can be no cell, or no such file.
    ArchiveCell(const core::Cells& cells, const std::filesystem::path& path,
                const core::BundleLimits& limits);

    /// The next member; nothing after the last one, when the whole archive has proved to be sound.
    std::optional<archive::Member> next();

    /// Has the current member's bytes written to a file. They are not known to be what they are to
    /// be until the cell has ended, and nobody can change them any more.
    void copy(core::File to);

  private:
    core::CellQuestion question_of(std::string text) const;
    std::string ask(const core::CellQuestion& question);

    const archive::Limits limits_;
    std::chrono::seconds processor_time_{};  // of each question
    std::unique_ptr<core::Cell> cell_;
    std::uint64_t members_ = 0;
    std::uint64_t bytes_ = 0;    // of all members that were copied
    std::uint64_t current_ = 0;  // bytes that the current member claims to have
};

}  // namespace bundle
