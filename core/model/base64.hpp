// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes as text (RFC 4648 §4), padded and in one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core {

std::string to_base64(std::string_view bytes);

/// nullopt for what is no whole number of groups of four, or has other characters in it.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace core
