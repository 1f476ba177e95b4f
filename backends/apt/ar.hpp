// SPDX-License-Identifier: GPL-3.0-or-later
// The outer container of a .deb (deb(5)): an ar archive. Strict: what dpkg would have to guess is
// refused, so that all tools see the same members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "backends/archive/source.hpp"

namespace apt {

struct ArMember {
    std::string name;
    std::uint64_t offset = 0;  // of the content
    std::uint64_t size = 0;
};

/// Goes through the members once, from the first to the end of the source, and reads nothing but
/// what stands between them. Throws Refused.
class ArReader {
  public:
    explicit ArReader(archive::Source source);

    /// Nothing after the last one: then the members covered the whole source.
    std::optional<ArMember> next();

  private:
    archive::Source source_;
    std::size_t members_ = 0;
    std::uint64_t position_ = 0;
    std::optional<ArMember> last_;
};

}  // namespace apt
