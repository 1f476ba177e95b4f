// SPDX-License-Identifier: GPL-3.0-or-later
// Paths that a repository's index or an ftp server gives: taken only if they stay below the
// repository, and never used as names on our disk.
#pragma once

#include <string>
#include <string_view>

#include "rt-bridge/http/url.hpp"

namespace fetch {

/// Throws Refused (repository-invalid) unless `path` is relative, has no "..", in whatever
/// encoding, no control characters, and is not a URL.
void check_reference(std::string_view path, std::string_view where);

enum class Percent {
    is_text,      // apt: a file name may contain "%3a"
    is_encoding,  // yum: what is there is a URL already
};

/// The URL of a checked reference in a directory (whose URL ends with '/').
http::Url below(const http::Url& directory, std::string_view reference, Percent percent);

/// The URL with a '/' at its end, without a query.
http::Url as_directory(const http::Url& url);

/// Names of ours in place of foreign ones: letters, digits and "._+~-", '/' between directories.
std::string harmless_path(std::string_view path);

}  // namespace fetch
