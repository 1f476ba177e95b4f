// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/package_limits.hpp"

#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace core {

void check_index_size(std::string_view what, std::uint64_t bytes, std::uint64_t limit,
                      std::string_view setting) {
    constexpr std::uint64_t mebibyte = 1u << 20;
    if (bytes / mebibyte < limit || bytes == limit * mebibyte) return;
    throw Refused(
        reason::package_limit,
        fmt::format("{} would have {} bytes or more; at most {} MiB are published", what, bytes,
                    limit),
        fmt::format("shorten it; or, if it is meant, have {} raised in [line.limits]", setting));
}

}  // namespace core
