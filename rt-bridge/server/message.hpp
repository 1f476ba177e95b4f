// SPDX-License-Identifier: GPL-3.0-or-later
// A request, whole and within its limits, and what is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/system/files.hpp"

namespace server {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string target;  // as it came, with the query
    Headers headers;
    std::string body;

    /// Decoded; any byte may be in it. Without query and fragment.
    std::string path() const;

    /// Decoded; nothing if the query does not have it.
    std::optional<std::string> parameter(std::string_view name) const;

    /// The first of that name in any case; empty if there is none.
    std::string_view header(std::string_view name) const;
};

/// Parts of an open file, one after the other, each after some text.
struct FileParts {
    struct Part {
        std::string before;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
    };
    core::File file;
    std::vector<Part> parts;
    std::string after;

    std::uint64_t size() const;
};

struct Answer {
    int status = 200;
    Headers headers;
    std::variant<std::string, FileParts> body;
};

}  // namespace server
