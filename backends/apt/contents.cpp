// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/contents.hpp"

#include <algorithm>

namespace apt {
namespace {

constexpr std::string_view binary = "/binary-";
constexpr std::string_view contents = "/Contents-";

/// The value of a field of one line; empty if there is none.
std::string_view line_of(std::string_view entry, std::string_view field) {
    while (!entry.empty()) {
        std::string_view line = entry.substr(0, entry.find('\n'));
        entry.remove_prefix(std::min(entry.size(), line.size() + 1));
        if (!line.starts_with(field) || !line.substr(field.size()).starts_with(": ")) continue;
        line.remove_prefix(field.size() + 2);
        // What goes on in the next line is not of one.
        return entry.starts_with(' ') ? std::string_view() : line;
    }
    return {};
}

/// Anything else would forge an owner or a line.
bool is_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
}

}  // namespace

std::string contents_of(const std::string& index) {
    const auto at = index.find(binary);
    return index.substr(0, at) + std::string(contents) + index.substr(at + binary.size());
}

bool is_contents(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash != std::string_view::npos && path.substr(slash).starts_with(contents);
}

std::string contents_owner(std::string_view entry) {
    const std::string name(line_of(entry, "Package"));
    std::string_view section = line_of(entry, "Section");
    while (section.ends_with('/')) section.remove_suffix(1);
    return section.empty() || !is_word(section) ? name : std::string(section) + "/" + name;
}

shards::Written write_contents(const core::Pool& pool, const AptInspector& inspector,
                               const core::Rows& rows, const std::filesystem::path& gzip) {
    const auto contribute = [&](const core::Row& row) {
        auto fragments = inspector.fragments(row.digest, pool.file(row.digest, "deb"));
        return shards::Contribution{contents_owner(fragments.at(0)), std::move(fragments.at(1))};
    };
    return shards::write_path_index(rows, contribute, gzip);
}

}  // namespace apt
