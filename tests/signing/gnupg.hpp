// SPDX-License-Identifier: GPL-3.0-or-later
// The real gpg, as a provider or an operator would run it, in a home that the test throws away.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace signing_test {

/// A directory with a short path (agents listen on sockets in it), removed at the end together with
/// the agents of all homes in it.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

    /// How many of the GnuPG programs run for a home below this directory.
    int processes(const std::string& program) const;

  private:
    std::filesystem::path path_;
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

/// Runs a program, by the shell; its standard output. Fails the test if the program fails.
std::string shell(const std::string& command);

/// `text` without its ASCII armor.
std::string dearmored(const std::string& text);

}  // namespace signing_test
