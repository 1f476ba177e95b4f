// SPDX-License-Identifier: GPL-3.0-or-later
// What the yum tests share: the packages that make_packages built, scratch directories, programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/digest.hpp"

namespace workshop {

/// A package of make_packages by its file name.
std::filesystem::path package(const std::string& file_name);

/// All of them that are sound.
std::vector<std::filesystem::path> sound_packages();

/// Removed with everything in it. Its path is short, because sockets of gpg-agent have no long
/// ones.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::filesystem::path operator/(const std::string& name) const { return directory_ / name; }
    const std::filesystem::path& path() const { return directory_; }

    /// A new file with these bytes.
    std::filesystem::path file(const std::string& name, const std::string& bytes) const;

  private:
    std::filesystem::path directory_;
};

struct Outcome {
    int status = 0;
    std::string output;  // standard output and standard error
};

/// Runs a command of the shell.
Outcome run(const std::string& command);

/// As run(); throws if the command fails.
std::string must_run(const std::string& command);

/// For a shell: in single quotes.
std::string quoted(const std::string& word);

}  // namespace workshop
