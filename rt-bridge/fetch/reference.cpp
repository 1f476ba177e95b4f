// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/reference.hpp"

#include <algorithm>
#include <cctype>

#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace fetch {
namespace {

constexpr std::size_t longest = 1024;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "%2B" and so on.
bool begins_encoded(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' &&
           std::isxdigit(static_cast<unsigned char>(text[1])) != 0 &&
           std::isxdigit(static_cast<unsigned char>(text[2])) != 0;
}

/// "%2e%2e/" is "../" to a server.
bool hides_something(std::string_view path) {
    const std::string text = core::lower(path);
    return text.find("%2e") != std::string::npos || text.find("%2f") != std::string::npos ||
           text.find("%5c") != std::string::npos || text.find("%00") != std::string::npos ||
           text.find("%25") != std::string::npos;
}

bool leaves(std::string_view path) {
    const auto parts = core::split(path, "/");
    return parts.empty() || std::any_of(parts.begin(), parts.end(),
                                        [](const std::string& part) { return part == ".."; });
}

}  // namespace

void check_reference(std::string_view path, std::string_view where) {
    if (path.empty() || path.size() > longest || path.front() == '/' || path.ends_with('/') ||
        path.find(":/") != std::string_view::npos || leaves(path) || hides_something(path) ||
        path.find_first_of("\\?#") != std::string_view::npos || !core::valid_utf8(path) ||
        core::has_control_characters(path)) {
        throw core::Refused(core::reason::repository_invalid,
                            std::string(where) + " names the file \"" +
                                core::escaped(path.substr(0, 200)) +
                                "\", which is not below the repository",
                            "Let the index name files by relative paths inside the repository.");
    }
}

http::Url below(const http::Url& directory, std::string_view reference, Percent percent) {
    http::Url url = directory;
    url.query.clear();
    while (!reference.empty()) {
        const bool encoded = percent == Percent::is_encoding && begins_encoded(reference);
        const std::string_view next = reference.substr(0, encoded ? 3 : 1);
        url.path += encoded ? std::string(next) : core::percent_encoded(next, "/+:@!$&'()*,;=");
        reference.remove_prefix(next.size());
    }
    return url;
}

http::Url as_directory(const http::Url& url) {
    http::Url directory = url;
    directory.query.clear();
    if (!directory.path.ends_with('/')) directory.path += '/';
    return directory;
}

std::string harmless_path(std::string_view path) {
    std::string result;
    for (const std::string& part : core::split(path, "/")) {
        if (part == "." || part == "..") continue;
        std::string name = part.substr(0, 200);
        for (char& c : name) {
            if (!is_word(c) && std::string_view("._+~-").find(c) == std::string_view::npos) c = '_';
        }
        if (name.front() == '.' || name.front() == '-') name.front() = '_';
        result += (result.empty() ? "" : "/") + name;
    }
    return result.empty() ? "file" : result;
}

}  // namespace fetch
