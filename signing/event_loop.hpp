// SPDX-License-Identifier: GPL-3.0-or-later
// A GPGME operation with a deadline. GPGME's own loop notices a request to cancel only when gpg
// says something, which one that waits for a hung agent or a smart card never does.
#pragma once

#include <chrono>
#include <functional>
#include <gpgme.h>

namespace signing {

/// Calls `start`, which starts an operation on `context`, and drives it to its end. If that does
/// not come within `patience` the operation is cancelled, the context must not be used again, and
/// the result is GPG_ERR_TIMEOUT. `take` gets each key that is listed, and owns it.
gpgme_error_t run_within(gpgme_ctx_t context, std::chrono::milliseconds patience,
                         const std::function<gpgme_error_t(gpgme_ctx_t)>& start,
                         const std::function<void(gpgme_key_t)>& take);

}  // namespace signing
