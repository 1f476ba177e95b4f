// SPDX-License-Identifier: GPL-3.0-or-later
// What people see: tables and sentences on standard output, progress on standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace command_line {

/// One line that is written over again, on a terminal only.
class Progress {
  public:
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// "inspecting packages 3 of 36"; without a measure if `of` is 0.
    void show(const std::string& what, std::size_t done, std::size_t of);

  private:
    bool on_terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point last_;
};

/// Columns as wide as their widest cell; cells are escaped. Empty without rows.
std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows);

/// "1 package", "2 packages", "3 directories".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace command_line
