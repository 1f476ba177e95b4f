// SPDX-License-Identifier: GPL-3.0-or-later
// Where a bundle is to be got from, as a descriptor or ticket says it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fetch {

enum class Kind {
    files,          // one archive, or packages one by one, by http, https or ftp
    yum,            // a repository with repodata/
    apt,            // a repository with dists/, or a flat one
    ftp_directory,  // the packages in it and below
    rsync,          // likewise, from an rsync server
};

struct Source {
    Kind kind = Kind::files;
    std::vector<std::string> urls;        // one, except for files
    std::string suite;                    // apt; ends with '/' for a flat repository
    std::vector<std::string> components;  // apt; empty: all

    bool operator==(const Source&) const = default;
};

/// `protocol` is the descriptor's SynchProtocol (http, https, ftp, rsync, yum, deb, apt; may be
/// empty), `location` its SynchURL: a URL, several of them between blanks, or for apt a line like
/// "[deb] URL SUITE [COMPONENT…]" or "URL/dists/SUITE". Throws Refused (source-unknown).
Source source_of(std::string_view protocol, std::string_view location);

}  // namespace fetch
