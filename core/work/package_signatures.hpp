// SPDX-License-Identifier: GPL-3.0-or-later
// What the signatures of a package are worth. A package may carry several, and rpm refuses it for
// any one that does not hold, however good another is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/platform.hpp"
#include "core/work/inspector.hpp"
#include "core/work/signer.hpp"

namespace core {

/// Fingerprints; empty if no known key signed.
struct PackageSigner {
    std::string key;
    std::string part;  // the subkey that signed, or the key itself
};

/// Who signed the package, of which the signatures cover a part; nobody if no known key did, which
/// the policy then allows. Throws Refused for the worst of the signatures if the policy forbids it:
/// on no line may one be bad, malformed, weak, or of an expired or revoked key. One by an unknown
/// key is as good as none: beside a good one it is refused where signatures are required, because
/// there clients check with rpm, which wants to know the key of each.
PackageSigner judge_signatures(const std::vector<std::string>& signatures, std::string_view covered,
                               const Verifier& verifier, SignaturePolicy policy);

}  // namespace core
