// SPDX-License-Identifier: GPL-3.0-or-later
// A directory that is gone with the test.
#pragma once

#include <filesystem>
#include <stdlib.h>
#include <string>

namespace core_test {

class Temporary {
  public:
    Temporary() {
        // In memory where there is some: a commit flushes the whole file system.
        const bool memory = std::filesystem::is_directory("/dev/shm");
        std::string name = std::string(memory ? "/dev/shm" : "/tmp") + "/core-XXXXXX";
        directory_ = ::mkdtemp(name.data());
    }
    ~Temporary() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return directory_ / name;
    }
    const std::filesystem::path& path() const { return directory_; }

  private:
    std::filesystem::path directory_;
};

}  // namespace core_test
