// SPDX-License-Identifier: GPL-3.0-or-later
// A bundle that is a directory. It may change while it is read, by someone who means harm: every
// step goes through an open directory and follows no symbolic link.
#pragma once

#include <filesystem>

#include "backends/bundle/reader.hpp"
#include "backends/bundle/receiver.hpp"

namespace bundle {

/// Hands all files below `path` to `receiver`, in the order of their names. Throws Refused where a
/// limit is exceeded.
void read_directory(const std::filesystem::path& path, const core::BundleLimits& limits,
                    Receiver& receiver);

}  // namespace bundle
