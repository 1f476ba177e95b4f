// SPDX-License-Identifier: GPL-3.0-or-later
// The Release file: what apt trusts a repository by. Written here, and read back as a client would.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/digest.hpp"
#include "core/work/backend.hpp"

namespace apt {

/// A file that Release vouches for; the path is below the suite's directory.
struct Listed {
    std::string path;
    std::uint64_t size = 0;
    core::Digest digest;
};

/// The text of dists/<suite>/Release. Only SHA-256 is listed: apt asks for files by the strongest
/// hash there is, and clients of all living systems know this one.
std::string release_text(const core::Composition& composition, std::vector<Listed> listed);

struct ReleaseFile {
    std::map<std::string, std::string> fields;  // those of one line
    std::vector<Listed> listed;
};

/// Throws Error on anything release_text would not write.
ReleaseFile parse_release(std::string_view text);

/// The reverse of core::format_rfc2822; throws Error.
core::Time parse_rfc2822(const std::string& text);

}  // namespace apt
