// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/gpg_failure.hpp"

#include <fmt/format.h>

#include "signing/engine.hpp"

namespace signing {
namespace {

bool is_locked(gpgme_err_code_t code) {
    return code == GPG_ERR_NO_PIN_ENTRY || code == GPG_ERR_CANCELED ||
           code == GPG_ERR_FULLY_CANCELED || code == GPG_ERR_BAD_PASSPHRASE ||
           code == GPG_ERR_NO_PASSPHRASE || code == GPG_ERR_BAD_PIN;
}

bool is_agent_gone(gpgme_err_code_t code) {
    return code == GPG_ERR_NO_AGENT || code == GPG_ERR_EOF || code == GPG_ERR_AGENT ||
           code == GPG_ERR_ASS_CONNECT_FAILED || code == GPG_ERR_ECONNREFUSED ||
           code == GPG_ERR_ENAMETOOLONG || code == GPG_ERR_TIMEOUT;
}

}  // namespace

bool is_without_secret(gpgme_err_code_t code) {
    return code == GPG_ERR_NO_SECKEY || code == GPG_ERR_UNUSABLE_SECKEY;
}

std::string explanation(gpgme_error_t error, const std::string& home) {
    const gpgme_err_code_t code = gpgme_err_code(error);
    const std::string why = reason_of(error);
    if (is_locked(code)) {
        return fmt::format(
            "the key is locked and nobody is there to type its passphrase ({}); unlock it in the "
            "agent of {} (gpg-preset-passphrase, or sign something by hand there once)",
            why, home);
    }
    if (code == GPG_ERR_NO_SECKEY) {
        return fmt::format(
            "the secret key is not in {} ({}); import it there, or name another key{}", home, why,
            too_long_for_socket(home));
    }
    if (code == GPG_ERR_UNUSABLE_SECKEY) {
        return fmt::format(
            "gpg makes no signature, several times, and does not say that the secret key is "
            "missing; see whether gpg-agent for {} can be started: "
            "`gpg-connect-agent --homedir {} /bye`{}",
            home, home, too_long_for_socket(home));
    }
    if (is_agent_gone(code)) {
        return fmt::format(
            "gpg-agent for {} cannot be reached ({}); try again, or end it with "
            "`gpgconf --homedir {} --kill gpg-agent`{}",
            home, why, home, too_long_for_socket(home));
    }
    if (code == GPG_ERR_UNSUPPORTED_PROTOCOL || code == GPG_ERR_INV_ENGINE) {
        return fmt::format("gpg cannot be run ({}); is GnuPG installed?", why);
    }
    return fmt::format("gpg in {} failed: {}", home, why);
}

}  // namespace signing
