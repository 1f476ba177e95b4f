// SPDX-License-Identifier: GPL-3.0-or-later
// The real gpg, as a provider or an operator would run it, in a home that the test throws away.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/work/signer.hpp"
#include "tests/scratch.hpp"

namespace signing_test {

/// Ends the agents of all homes in it too.
class Scratch : public tests::Scratch {
  public:
    Scratch() = default;
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// How many of the GnuPG programs run for a home below this directory.
    int processes(const std::string& program) const;
};

class Gnupg {
  public:
    explicit Gnupg(std::filesystem::path home);

    const std::filesystem::path& home() const { return home_; }

    /// Runs gpg and returns what it wrote; fails the test if gpg fails.
    std::string run(const std::vector<std::string>& arguments, const std::string& input = {}) const;

    /// Makes a key without passphrase, as `gpg --quick-generate-key` words it; its fingerprint.
    std::string key(const std::string& algorithm, const std::string& expires = "never",
                    const std::vector<std::string>& options = {},
                    const std::string& usage = "sign") const;

    std::string exported(const std::string& fingerprint) const;
    std::string signature(const std::string& bytes,
                          const std::vector<std::string>& options = {}) const;
    std::string clear_text(const std::string& text,
                           const std::vector<std::string>& options = {}) const;
    void revoke(const std::string& fingerprint) const;
    void end_agent() const;

  private:
    std::filesystem::path home_;
};

/// What a process was started with, by its directory in /proc; nothing if it has ended.
std::string command_line(const std::filesystem::path& process);

/// Runs a program, by the shell; its standard output. Fails the test if the program fails.
std::string shell(const std::string& command);

/// Makes one signature and drops it.
void sign_once(const core::Signer& signer);

/// `text` without its ASCII armor.
std::string dearmored(const std::string& text);

}  // namespace signing_test
