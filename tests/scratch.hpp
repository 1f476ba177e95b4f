// SPDX-License-Identifier: GPL-3.0-or-later
// A directory for one test, removed with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace tests {

class Scratch {
  public:
    /// A name below /tmp, which is short: gpg-agent's sockets have no long ones.
    Scratch() : Scratch("/tmp") {}

    /// In memory where there is some, for tests that commit, which flushes.
    static Scratch in_memory() {
        return Scratch(std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp");
    }

    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }

  private:
    explicit Scratch(const std::string& parent) {
        std::string name = parent + "/sluice-test-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
        path_ = name;
    }

    std::filesystem::path path_;
};

}  // namespace tests
