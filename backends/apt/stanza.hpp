// SPDX-License-Identifier: GPL-3.0-or-later
// What a control paragraph says: the package, and its entry in a Packages index.
#pragma once

#include <string>
#include <vector>

#include "backends/apt/deb822.hpp"
#include "core/model/package.hpp"

namespace apt {

/// Name, version, architecture, component and path, checked by Debian Policy's syntax. Digest, size
/// and format are the caller's. Throws Refused.
core::Package describe_package(const std::vector<Field>& control);

/// The entry in Packages: every field once and in a fixed order, then a blank line. Fields that an
/// index states itself (Filename, Size, checksums) are ours, whatever the package says of them.
std::string stanza(const std::vector<Field>& control, const core::Package& package);

}  // namespace apt
