// SPDX-License-Identifier: GPL-3.0-or-later
// The members of a package's data archive, as a tree: what dpkg would not unpack, or would unpack
// in another way than the next reader, is refused. Names are kept in one piece of memory, because
// there may be half a million of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/archive/reader.hpp"
#include "core/model/package_limits.hpp"

namespace apt {

/// "./usr/bin/argus" as "usr/bin/argus", "./" as "". Throws Refused for a name that leads
/// elsewhere, or that two readers could take for two names.
std::string_view installed_name(std::string_view name);

class Members {
  public:
    explicit Members(const core::PackageLimits& limits);

    /// In the order of the archive. Throws Refused.
    void add(const archive::Member& member);

    /// To be called after the last one. Throws Refused unless they make a tree. Gives what is
    /// installed without directories: "usr/bin/argus\n…", sorted. Names that an index of contents
    /// cannot have are left out.
    std::string finish();

  private:
    struct Entry {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
        std::uint32_t order = 0;
        archive::Type type = archive::Type::regular;
    };
    struct HardLink {
        std::string target;
        std::uint32_t order = 0;
    };

    std::string_view name(const Entry& entry) const {
        return std::string_view(names_).substr(entry.begin, entry.size);
    }
    void count(std::size_t bytes);
    std::vector<Entry>::const_iterator find(std::string_view wanted) const;
    void check_unique() const;
    void check_parents() const;
    void check_hard_links() const;

    core::PackageLimits limits_;
    std::string names_;  // all of them, without anything between
    std::vector<Entry> entries_;
    std::vector<HardLink> hard_links_;
    std::uint64_t bytes_ = 0;  // of names and targets
    std::uint32_t members_ = 0;
};

}  // namespace apt
