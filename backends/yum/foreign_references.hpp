// SPDX-License-Identifier: GPL-3.0-or-later
// What a bundled document says of packages that its release does not bring: a provider must not
// speak for the packages of others.
#pragma once

#include <set>
#include <string>

#include "backends/bundle/xml.hpp"

namespace yum {

class ForeignReferences {
  public:
    /// `brought`: the names of the release's packages.
    explicit ForeignReferences(std::set<std::string> brought) : brought_(std::move(brought)) {}

    /// Takes them out of an <update>, <group> or other part of a document. False if the part spoke
    /// of packages and of none that the release brings: then it is better left out.
    bool take_out(bundle::Element& part);

    /// The names of packages that were taken out.
    const std::set<std::string>& found() const { return found_; }

  private:
    struct Counts {
        std::size_t own = 0;
        std::size_t foreign = 0;
    };
    Counts prune(bundle::Element& element);
    bool is_foreign(const bundle::Element& reference);
    bool brings(const std::string& pattern) const;

    std::set<std::string> brought_;
    std::set<std::string> found_;
};

}  // namespace yum
