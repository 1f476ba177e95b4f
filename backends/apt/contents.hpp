// SPDX-License-Identifier: GPL-3.0-or-later
// dists/<line>/<component>/Contents-<architecture>: which packages have a file, for apt-file. A
// line for each path, "usr/bin/argus net/argus,net/argus-ng". It is published as .gz only; Release
// lists the open form too, without which apt takes it as absent.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "backends/apt/inspector.hpp"
#include "backends/shards/path_index.hpp"
#include "core/store/pool.hpp"

namespace apt {

/// "main/Contents-amd64" for the packages of "main/binary-amd64".
std::string contents_of(const std::string& index);

/// Whether a path in Release is that of Contents, in either form.
bool is_contents(std::string_view path);

/// How a package is called in Contents, by its entry in Packages: "net/argus", or "argus" if its
/// section is missing or could be taken for more than one word.
std::string contents_owner(std::string_view entry);

shards::Written write_contents(const core::Pool& pool, const AptInspector& inspector,
                               const core::Rows& rows, const std::filesystem::path& gzip);

}  // namespace apt
