// SPDX-License-Identifier: GPL-3.0-or-later
// What a process that was killed has left: files that were about to be renamed into place, or
// removed (core/system/files.hpp). Swept by whoever holds the lock that their writer held.
#pragma once

#include <filesystem>
#include <string_view>

namespace core {

/// All in a directory.
void remove_temporaries(const std::filesystem::path& directory);

/// Those of one file.
void remove_temporaries_of(const std::filesystem::path& file);

}  // namespace core
