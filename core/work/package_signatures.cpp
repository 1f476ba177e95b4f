// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/package_signatures.hpp"

#include <algorithm>
#include <array>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace core {
namespace {

using VerdictStatus = Verdict::Status;

/// The best first.
constexpr std::array order{VerdictStatus::good,        VerdictStatus::unknown_key,
                           VerdictStatus::weak,        VerdictStatus::key_expired,
                           VerdictStatus::key_revoked, VerdictStatus::malformed,
                           VerdictStatus::bad};

auto badness(const Verdict& verdict) {
    return std::find(order.begin(), order.end(), verdict.status) - order.begin();
}

reason::Code code_of(VerdictStatus status) {
    switch (status) {
        case VerdictStatus::unknown_key:
            return reason::unknown_key;
        case VerdictStatus::key_expired:
            return reason::key_expired;
        case VerdictStatus::key_revoked:
            return reason::key_revoked;
        case VerdictStatus::weak:
            return reason::weak_signature;
        default:
            return reason::bad_signature;
    }
}

[[noreturn]] void refuse(const Verdict& worst, bool several) {
    const bool unknown = worst.status == VerdictStatus::unknown_key;
    throw Refused(
        code_of(worst.status),
        std::string(several ? "one of the package's signatures is not accepted: "
                            : "the package's signature is not accepted: ") +
            worst.detail + (worst.fingerprint.empty() ? "" : " (key " + worst.fingerprint + ")"),
        unknown ? "have the operator add the key to provider-keys/, or sign with a known one"
                : "sign the package anew with a sound key");
}

}  // namespace

PackageSigner judge_signatures(const std::vector<std::string>& signatures, std::string_view covered,
                               const Verifier& verifier, SignaturePolicy policy) {
    const bool required = policy == SignaturePolicy::require;
    if (signatures.empty()) {
        if (!required) return {};
        throw Refused(reason::unsigned_package, "the package is not signed",
                      "sign it (rpmsign --addsign) with a key this depot knows");
    }
    std::vector<Verdict> verdicts;
    for (const std::string& signature : signatures) {
        verdicts.push_back(verifier.check_packet(covered, signature));
    }
    const auto [best, worst] = std::ranges::minmax_element(verdicts, {}, badness);
    const bool tolerated = worst->status == VerdictStatus::unknown_key && !required;
    if (!worst->good() && !tolerated) refuse(*worst, signatures.size() > 1);
    return best->good() ? PackageSigner{best->fingerprint, best->part} : PackageSigner();
}

}  // namespace core
