// SPDX-License-Identifier: GPL-3.0-or-later
// Public keys in a GnuPG home of their own, which lives as long as this object. Private to this
// folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "signing/engine.hpp"
#include "signing/keys.hpp"
#include "signing/temporary_home.hpp"

namespace signing {

class Keyring {
  public:
    /// `files` are key files as read_public_keys takes them; throws Error as it does.
    Keyring(const std::filesystem::path& scratch, std::span<const std::string> files,
            std::chrono::milliseconds patience);

    const Engine& engine() const { return engine_; }
    const std::vector<KeyDescription>& keys() const { return keys_; }

    /// All of them, armored; empty if there are none.
    const std::string& exported() const { return exported_; }

  private:
    void import(std::string_view text) const;

    TemporaryHome home_;
    Engine engine_;
    std::string exported_;
    std::vector<KeyDescription> keys_;
};

}  // namespace signing
