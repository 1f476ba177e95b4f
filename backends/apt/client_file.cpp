// SPDX-License-Identifier: GPL-3.0-or-later
// The .sources file of a site (sources.list(5), deb822 style). The key is in the file itself, so
// that one file is all a site needs; apt reads such keys since 2.3.10 (Debian 12, Ubuntu 22.04).
#include <algorithm>
#include <fmt/format.h>

#include "backends/apt/backend.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

/// The value of Signed-By: each line of the key as a continuation line, blank ones as a dot.
std::string embedded(std::string_view key) {
    std::string text;
    key = core::trimmed(key);
    while (!key.empty()) {
        const std::string_view line = core::trimmed(key.substr(0, key.find('\n')));
        key.remove_prefix(std::min(key.find('\n'), key.size() - 1) + 1);
        text += "\n ";
        text += line.empty() ? "." : line;
    }
    return text;
}

}  // namespace

std::string AptBackend::client_file(const core::ClientEntry& entry) const {
    const bool placed = !entry.url.empty();
    std::string text = fmt::format("# {}\n", core::escaped(entry.title));
    if (!placed) {
        text += "# No public address is configured: put yours into URIs, and remove \"Enabled\".\n";
    }
    const std::string url = placed ? entry.url : "http://localhost/" + entry.repository.path();
    text += fmt::format("Types: deb\nURIs: {}\nSuites: {}\nComponents: {}\nArchitectures: {}\n",
                        url, entry.suite, core::join(entry.platform.components, " "),
                        core::join(entry.platform.architectures, " "));
    if (!entry.enabled || !placed) text += "Enabled: no\n";
    if (!entry.public_key.empty()) text += "Signed-By:" + embedded(entry.public_key) + "\n";
    return text;
}

}  // namespace apt
