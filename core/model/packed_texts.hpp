// SPDX-License-Identifier: GPL-3.0-or-later
// Several texts as one value: their sizes on a line ("2 1071 320\n": how many, then each), then the
// texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core {

std::string pack_texts(const std::vector<std::string>& texts);

/// Where they are in the value; nullopt if it is not one that pack_texts() made.
std::optional<std::vector<std::string_view>> packed_texts(std::string_view value);

}  // namespace core
