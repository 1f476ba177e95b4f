// SPDX-License-Identifier: GPL-3.0-or-later
// What holds a key together: the signatures by which it certifies its own names and subkeys. One
// over SHA-1 can be forged, so that clients of today take the key for nobody's, however strong it
// is itself. GnuPG does not mind. Private to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "signing/keys.hpp"

namespace signing {

/// Sets weak_binding in the keys that are in `packets`, as gpg exports them with export-minimal:
/// only with signatures that it found valid, the latest of each. They are in the order in which gpg
/// lists them, though it leaves out subkeys that are of no use.
void note_bindings(std::string_view packets, std::vector<KeyDescription>& keys);

}  // namespace signing
