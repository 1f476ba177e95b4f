// SPDX-License-Identifier: GPL-3.0-or-later
// What gpg has said of keys that it wrote itself: they need not be imported and listed again to
// check what they signed. Whoever signs, reads keys and verifies for one depot shares one of these.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "signing/keys.hpp"

namespace signing {

/// Thread-safe.
class KeyCache {
  public:
    void add(const PublicKeys& keys);

    /// The keys of all these texts. Nothing if one of the texts is not known, or parts of a key are
    /// in two of them.
    std::optional<PublicKeys> find(std::span<const std::string> texts) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<KeyDescription>> keys_;  // by the text that gpg wrote
};

}  // namespace signing
