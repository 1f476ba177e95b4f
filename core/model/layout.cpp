// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/layout.hpp"

#include <fmt/format.h>

#include "core/model/text.hpp"

namespace core {

std::string Layout::generation_name(std::uint64_t number) {
    return fmt::format("{:06}", number);
}

std::optional<std::uint64_t> Layout::generation_number(std::string_view name) {
    const auto number = whole_number(name);
    return number && generation_name(*number) == name ? number : std::nullopt;
}

std::filesystem::path Layout::release_directory(const std::filesystem::path& path) const {
    const auto parts = split(path.lexically_relative(public_tree()).native(), "/");
    if (parts.size() < 4 || parts[2] != own_repositories_name) return {};
    return own_repositories(parts[0], parts[1]) / parts[3];
}

std::string relative_link(std::string_view from, std::string_view to) {
    std::string link;
    for (std::size_t i = 0; i < split(from, "/").size(); ++i) link += "../";
    return link.append(to);
}

}  // namespace core
