// SPDX-License-Identifier: GPL-3.0-or-later
// The .repo file that a site installs.
#include <fmt/format.h>

#include "backends/yum/backend.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

/// A value of an ini file: one line.
const std::string& line(const std::string& value) {
    if (core::has_control_characters(value, core::Text::line)) {
        throw core::Error("\"" + core::escaped(value) + "\" cannot stand in a .repo file");
    }
    return value;
}

std::string keys_line(const std::vector<std::string>& urls) {
    if (urls.empty()) return {};
    std::string text = "gpgkey=";
    for (const std::string& url : urls) {
        if (&url != &urls.front()) text += "       ";
        text += line(url) + "\n";
    }
    return text;
}

std::string section(const core::ClientEntry& entry, const std::string& suffix,
                    const std::string& tree, const std::string& what, bool enabled) {
    const std::string url = line(entry.url) + "/" + tree;
    std::string text = fmt::format("[{}{}]\n", line(entry.id), suffix);
    text += fmt::format("name={} - {}\n", line(entry.title), what);
    text += entry.mirror_list ? fmt::format("mirrorlist={}/mirrorlist\n", url)
                              : fmt::format("baseurl={}/\n", url);
    text += fmt::format("enabled={}\n", enabled ? 1 : 0);
    text += fmt::format("gpgcheck={}\n", entry.packages_signed ? 1 : 0);
    text += "repo_gpgcheck=1\n";
    text += keys_line(entry.key_urls);
    // dnf keeps metadata for two days by default; a staged release is wanted the same day.
    text += "metadata_expire=6h\n";
    return text;
}

}  // namespace

std::string YumBackend::client_file(const core::ClientEntry& entry) const {
    return section(entry, "", "$basearch", "$basearch", entry.enabled) + "\n" +
           section(entry, "-source", "source", "source", false);
}

}  // namespace yum
