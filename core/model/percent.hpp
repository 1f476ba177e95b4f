// SPDX-License-Identifier: GPL-3.0-or-later
// Text as a part of a URL (RFC 3986 §2.1).
#pragma once

#include <string>
#include <string_view>

namespace core {

/// For one segment of a path or a value in a query; what is in `kept` stays as well.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace core
