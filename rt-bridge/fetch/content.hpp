// SPDX-License-Identifier: GPL-3.0-or-later
// What a downloaded file is, by its first bytes: servers send pages that say "not found" or "please
// log in" with status 200 and any Content-Type.
#pragma once

#include <filesystem>
#include <string_view>

namespace fetch {

enum class Content { package, archive, xml, web_page, other };

Content content_of(std::string_view first_bytes);
Content content_of_file(const std::filesystem::path& file);

/// "a web page", for messages.
std::string_view description(Content content);

}  // namespace fetch
