// SPDX-License-Identifier: GPL-3.0-or-later
// What a package must be to enter a repository: whole, of a format clients read, with names that
// are safe as file names, and with texts that XML can carry. createrepo_c leaves out a package
// whose texts XML cannot carry, and reports success; so that is found out here, with the name of
// the tag.
#pragma once

#include <string>
#include <string_view>

#include "backends/yum/header_view.hpp"
#include "backends/yum/rpm_file.hpp"
#include "core/model/package.hpp"
#include "core/model/package_limits.hpp"

namespace yum {

/// The newest entries of a change log that are published.
inline constexpr int changelog_limit = 10;

/// The same text, each byte being the character of that number: how createrepo_c and we read old
/// change logs that are not UTF-8.
std::string from_latin1(std::string_view text);

/// Types, counts and cross references of everything the index fragments are made from, so that
/// libraries that take them for granted may. Throws Refused (package-corrupt, package-unsupported,
/// package-limit).
void check_shape(const HeaderView& header, const core::PackageLimits& limits);

/// Likewise of the other lists that files have, which rpm takes for granted when it installs.
void check_file_columns(const HeaderView& header);

/// Texts that go into XML. Throws Refused (control-characters) with the name of the tag.
void check_texts(const HeaderView& header);

/// Sizes and digests against the bytes of the file. Throws Refused (package-corrupt,
/// payload-digest).
void check_integrity(const RpmFile& rpm, const HeaderView& signature, const HeaderView& header);

/// Name, version, architecture and path; no digest. Throws Refused (package-name, package-corrupt).
core::Package describe_package(const HeaderView& header);

/// Under which a package of such a name, version, release and architecture is published. Throws
/// Refused (package-name) if one of these is not safe in a file name or a URL.
std::string path_of(const core::Package& package);

}  // namespace yum
