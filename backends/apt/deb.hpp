// SPDX-License-Identifier: GPL-3.0-or-later
// A .deb file (deb(5)) with its two inner archives, read to its proven end under limits: dpkg-deb
// itself crashes on a 66 KB file whose control member has 2 GiB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/archive/source.hpp"
#include "core/model/digest.hpp"
#include "core/model/package_limits.hpp"

namespace apt {

struct Deb {
    std::uint64_t size = 0;
    core::Digest digest;  // of the very bytes that were read
    std::string control;  // the paragraph as it stands in the file
    std::string files;    // what it installs, without directories, sorted: "usr/bin/argus\n"
    std::vector<std::string> set_id_files{};  // of these, those that run as another user or group
};

/// Reads a source that is read once, from its begin to its end. Throws Refused if dpkg would not
/// take the file, or would have to guess, or if it costs more than `limits`.
Deb read_deb(const archive::Source& source, const core::PackageLimits& limits);

/// Likewise of a package that was admitted once: what it says, whatever dpkg thinks of it.
Deb read_admitted_deb(const archive::Source& source);

}  // namespace apt
