// SPDX-License-Identifier: GPL-3.0-or-later
// A URL in parts, as libcurl understands it: what we judge is what will be used.
#pragma once

#include <string>
#include <string_view>

namespace http {

struct Url {
    std::string scheme;  // lower case
    std::string host;    // lower case; IPv6 without brackets; numeric spellings in the usual form
    int port = 0;
    std::string path;   // begins with '/'; still encoded
    std::string query;  // without '?'; still encoded

    /// Throws Failure (forbidden) for anything that is not an absolute URL with a host, or that
    /// carries a user name, blanks or control characters. The fragment is dropped.
    static Url parse(std::string_view text);

    std::string text() const;

    /// The last part of the path, decoded; empty if the path ends with '/'.
    std::string file_name() const;

    bool operator==(const Url&) const = default;
};

}  // namespace http
