// SPDX-License-Identifier: GPL-3.0-or-later
// Why gpg made no signature, and what the operator can do about it. Private to this folder.
#pragma once

#include <gpgme.h>
#include <string>

namespace signing {

/// gpg says so too if the agent does not come up, as when several are started at once.
bool is_without_secret(gpgme_err_code_t code);

/// What went wrong in `home` and what to do about it, for the operator.
std::string explanation(gpgme_error_t error, const std::string& home);

}  // namespace signing
