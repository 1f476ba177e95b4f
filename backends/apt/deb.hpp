// SPDX-License-Identifier: GPL-3.0-or-later
// A .deb file (deb(5)) with its two inner archives, read to its proven end under limits: dpkg-deb
// itself crashes on a 66 KB file whose control member has 2 GiB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/digest.hpp"
#include "core/system/files.hpp"

namespace apt {

struct Deb {
    std::uint64_t size = 0;
    core::Digest digest;             // of the very bytes that were read
    std::string control;             // the paragraph as it stands in the file
    std::vector<std::string> files;  // what it installs, without directories: "usr/bin/argus"
    std::vector<std::string>
        set_id_files;  // of these, those with a set-user-id or set-group-id bit
};

/// Reads the file once, from its begin to its end. Throws Refused if dpkg would not take the file,
/// or would have to guess.
Deb read_deb(core::File file);

}  // namespace apt
