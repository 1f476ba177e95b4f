// SPDX-License-Identifier: GPL-3.0-or-later
// The members of a package's control archive: the control file, and what dpkg reads before it
// unpacks the package.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "backends/archive/reader.hpp"

namespace apt {

class ControlFiles {
  public:
    /// The reader's current member. Throws Refused if dpkg would not take it.
    void add(const archive::Member& member, archive::Reader& reader);

    /// To be called after the last one: the control file.
    std::string finish();

  private:
    std::map<std::string, std::optional<std::string>> files_;  // those that are looked at
};

}  // namespace apt
