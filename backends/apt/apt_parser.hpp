// SPDX-License-Identifier: GPL-3.0-or-later
// apt's own parser (libapt-pkg) as the last judge of an entry in Packages: what it does not read
// stops every client of a repository, whatever we think of it. It can only refuse.
//
// It is asked as apt asks when it builds its cache: the paragraph is scanned, and each field that
// names other packages is walked to its end. The cache itself cannot be built here: libapt-pkg
// exports that for files only, which it opens by name.
#pragma once

#include <string>
#include <string_view>

namespace apt {

/// Loads and warms the library. From then on apt_objection() opens no file and starts no process.
void prepare_apt_parser();

/// In apt's words what it does not take of an entry, which ends with a blank line; empty if it
/// takes it.
std::string apt_objection(std::string_view entry);

}  // namespace apt
