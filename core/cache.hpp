// SPDX-License-Identifier: GPL-3.0-or-later
// The depot's cache (fragments/): bytes that can be made again from the pool and the records.
//
// Each value is stored with its checksum. A file that is missing, damaged or cut short is "not
// there", so the directory may be deleted or damaged at any time; the one who asks makes the value
// anew and puts it back. Nothing here needs to be flushed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace core {

class Cache {
  public:
    explicit Cache(std::filesystem::path directory);

    /// `key` is a relative path of ours, e.g. "package/ab/abcdef…"; never from a provider.
    std::optional<std::string> get(std::string_view key) const;

    /// Replaces atomically; safe from several threads and processes.
    void put(std::string_view key, std::string_view value) const;

    void remove(std::string_view key) const;

    const std::filesystem::path& directory() const { return directory_; }

  private:
    std::filesystem::path directory_;
};

}  // namespace core
