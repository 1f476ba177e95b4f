// SPDX-License-Identifier: GPL-3.0-or-later
// What a foreign repository's index says, read as a stream under limits: from an open source of
// hostile bytes to a short list. Reading opens nothing, connects to nothing and keeps nothing, so
// that it can be done in a process that may do none of it. What is too much is Refused
// (download-limit) with the limit, what was found and the setting that raises it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "backends/archive/source.hpp"
#include "core/model/digest.hpp"
#include "core/model/error.hpp"

namespace fetch {

/// What an index says of a file.
struct Expected {
    core::Digest digest;
    std::uint64_t size = 0;

    bool operator==(const Expected&) const = default;
};

/// By the paths that the index gives them, which are below the repository (check_reference).
using Files = std::map<std::string, Expected>;

/// Of all indexes of one source together.
struct IndexLimits {
    std::uint64_t bytes = 256ull << 20;  // as downloaded, and again decompressed
    std::uint64_t packages = 100'000;    // entries that are read
    std::uint64_t files = 5000;          // that they name
};

/// Collects what the indexes of one source name, within its limits. Whoever gets the files from a
/// process that has read them adds each to a list of his own, which judges it again.
class PackageList {
  public:
    explicit PackageList(const IndexLimits& limits) : limits_(limits) {}

    /// One more entry is read; `where` is its index.
    void count_package(const std::string& where);

    /// The entry's file. One that is named again has to be the same.
    void add(const std::string& path, const Expected& expected, const std::string& where);

    /// Hands the bytes of an index, decompressed, to `take`, in blocks. Damage of its compression
    /// is Refused (repository-invalid); that nothing is in it is no fault.
    void read(const archive::Source& source, const std::string& where,
              const std::function<void(std::string_view)>& take);

    /// How many lines an index has, or elements and attributes, so far: 200 for each package that
    /// may be in it are read.
    void check_parts(std::uint64_t parts, const std::string& where) const;

    const Files& files() const { return files_; }

  private:
    IndexLimits limits_;
    std::uint64_t bytes_ = 0;
    std::uint64_t packages_ = 0;
    Files files_;
};

/// The bytes of one package in an index. No setting raises this one.
inline constexpr std::size_t most_package_bytes = 4u << 20;

/// An index is not what it has to be: `remedy` says how to make it anew.
core::Refused invalid_index(const std::string& where, const std::string& what,
                            std::string remedy = "Make the repository's indexes anew.");

/// `what` is more than is read. `setting` raises the limit; none if it is empty.
core::Refused too_large_index(const std::string& where, const std::string& what,
                              const std::string& setting);

}  // namespace fetch
