// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/signature.hpp"

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;

core::reason::Code code_of(core::Verdict::Status status) {
    switch (status) {
        case core::Verdict::Status::unknown_key:
            return reason::unknown_key;
        case core::Verdict::Status::key_expired:
            return reason::key_expired;
        case core::Verdict::Status::key_revoked:
            return reason::key_revoked;
        case core::Verdict::Status::weak:
            return reason::weak_signature;
        case core::Verdict::Status::good:
        case core::Verdict::Status::bad:
        case core::Verdict::Status::malformed:
            break;
    }
    return reason::bad_signature;
}

}  // namespace

std::string require_good(const core::Verdict& verdict, const std::string& where) {
    if (verdict.good()) return verdict.fingerprint;
    throw core::Refused(code_of(verdict.status),
                        "the signature of " + core::escaped(where) +
                            " is not accepted: " + core::escaped(verdict.detail),
                        "Sign the repository with the key that the operators know.");
}

std::string without_signature(const std::string& text) {
    if (!text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----")) return text;
    const std::size_t unix_end = text.find("\n\n");
    const std::size_t dos_end = text.find("\r\n\r\n");
    const std::size_t begin = std::min(unix_end == std::string::npos ? unix_end : unix_end + 2,
                                       dos_end == std::string::npos ? dos_end : dos_end + 4);
    const std::size_t end = text.find("\n-----BEGIN PGP SIGNATURE-----");
    if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
    return text.substr(begin, end + 1 - begin);
}

}  // namespace fetch
