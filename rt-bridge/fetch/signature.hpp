// SPDX-License-Identifier: GPL-3.0-or-later
// A repository's signature, as a refusal if it is not good. Private to this folder.
#pragma once

#include <string>

#include "core/work/signer.hpp"

namespace fetch {

/// The fingerprint of the key that signed, or Refused with the code of what is wrong; `where` names
/// what was signed.
std::string require_good(const core::Verdict& verdict, const std::string& where);

/// The text inside a clear-signed one (RFC 4880 §7), without a look at the signature; texts that
/// are not clear-signed are returned as they are.
std::string without_signature(const std::string& text);

}  // namespace fetch
