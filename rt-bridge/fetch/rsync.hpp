// SPDX-License-Identifier: GPL-3.0-or-later
// The packages of an rsync server's directory, through the rsync program. Private to this folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "rt-bridge/fetch/fetcher.hpp"

namespace fetch {

/// `progress` may be empty; the total is never known.
void fetch_rsync(const std::string& url, const Settings& settings,
                 std::chrono::steady_clock::time_point end, const std::filesystem::path& directory,
                 const http::Progress& progress);

}  // namespace fetch
