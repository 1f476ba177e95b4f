// SPDX-License-Identifier: GPL-3.0-or-later
// The client's own word on a package: what `rpmkeys --checksig` says of it, by librpm's code. It
// can only refuse. That a signature is good is decided elsewhere, so no key is known here, and a
// signature of an unknown key is none of its reasons.
#pragma once

#include "core/system/files.hpp"

namespace yum {

/// Reads the open file from its begin to its end. Every digest and signature of header and payload
/// has to be well-formed and, as far as can be known without keys, right. Throws Refused
/// (package-corrupt, bad-signature) with librpm's words.
void check_as_rpm_does(const core::File& file);

}  // namespace yum
