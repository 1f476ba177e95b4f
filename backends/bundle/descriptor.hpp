// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a release descriptor (release.xml) of any XML revision, A to F, which is recognised by its
// content, and says everything that is wrong with it.
//
// What is unambiguous is tolerated with a warning; what is broken is an error with line, column,
// element and remedy. Mandatory are only a name and a version, of the release and of each listed
// package.
#pragma once

#include <string_view>

#include "core/model/bundle_limits.hpp"
#include "core/model/descriptor.hpp"
#include "core/model/problem.hpp"

namespace bundle {

using core::ParsedDescriptor;

/// Never throws for what is in `text`. `file_name` names the document in the findings.
///
/// Some conventions of the result: a package for any architecture, or for several platforms, has
/// none set; a package's version and release are the provider's text and may be cut apart wrongly,
/// so compare "version[-release]" as a whole; descriptor.sync_url is empty for "n/a".
ParsedDescriptor parse_descriptor(std::string_view text, std::string_view file_name,
                                  const core::BundleLimits& limits = {});

}  // namespace bundle
