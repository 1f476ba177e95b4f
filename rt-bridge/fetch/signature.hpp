// SPDX-License-Identifier: GPL-3.0-or-later
// A repository's signature, as a refusal if it is not good. Private to this folder.
#pragma once

#include <string>

#include "core/signer.hpp"

namespace fetch {

/// Throws Refused with the code of what is wrong; `where` names what was signed.
void require_good(const core::Verdict& verdict, const std::string& where);

/// The text inside a clear-signed one (RFC 4880 §7), without a look at the signature; texts that
/// are not clear-signed are returned as they are.
std::string without_signature(const std::string& text);

}  // namespace fetch
