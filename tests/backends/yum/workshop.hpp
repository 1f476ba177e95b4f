// SPDX-License-Identifier: GPL-3.0-or-later
// What the yum tests share: the packages that make_packages built, scratch directories, programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/model/digest.hpp"
#include "core/system/cells.hpp"
#include "core/work/inspector.hpp"
#include "tests/scratch.hpp"

namespace workshop {

/// A package of make_packages by its file name.
std::filesystem::path package(const std::string& file_name);

/// All of them that are sound.
std::vector<std::filesystem::path> sound_packages();

class Scratch : public tests::Scratch {
  public:
    /// A new file with these bytes.
    std::filesystem::path file(const std::string& name, const std::string& bytes) const;
};

/// What the inspector says of a package: the code of a refusal, its message and its remedy.
struct Verdict {
    std::string code = "accepted";
    std::string message;
    std::string remedy;
};
Verdict judge(const std::string& bytes);

struct Outcome {
    int status = 0;
    std::string output;  // standard output and standard error
};

/// What a cell reads in a package.
core::Inspection read(const std::filesystem::path& file);
core::Inspection read(const std::filesystem::path& file, const core::Digest& digest,
                      const core::InspectionRule& rule = {});

/// Cells that read packages; all tests share them.
const core::Cells& cells();

/// Runs a command of the shell.
Outcome run(const std::string& command);

/// As run(); throws if the command fails.
std::string must_run(const std::string& command);

/// For a shell: in single quotes.
std::string quoted(const std::string& word);

}  // namespace workshop
