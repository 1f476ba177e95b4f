// SPDX-License-Identifier: GPL-3.0-or-later
// Where sites find what is published. That follows from the state and from the settings it was
// published with: what sluice.toml says today takes effect with the next commit.
#pragma once

#include <string>
#include <vector>

#include "core/model/release.hpp"
#include "core/model/state.hpp"
#include "core/store/depot.hpp"
#include "core/work/backend.hpp"

namespace core {

/// The repositories that have a release: its own where it has some, else those it shares. One a
/// platform, without a tree; none if the release stands nowhere.
std::vector<Repository> published_places(const Release& release, const State& state);

class Addresses {
  public:
    /// Of what is published with this configuration.
    Addresses(const Layout& layout, const Configuration& published);

    /// Below this everything is; a file URL if no public URL is configured.
    const std::string& root() const { return root_; }

    /// "umd5-production", "umd5-unverified-argus-1.7.3": unique on a site.
    static std::string id(const Repository& repository);

    std::string repository(const Repository& repository) const;

    /// The directory of its own repositories, or the smallest one that has all it is published in.
    std::string release(const Release& release, const State& state) const;

    /// "umd5-production-el9.repo", and where sites find it.
    std::string client_file_name(const Repository& repository, const Formats& formats) const;
    std::string client_file(const Repository& repository, const Formats& formats) const;

  private:
    std::string root_;
    std::vector<Platform> platforms_;
};

/// Of what `state`, which is published now, has.
Addresses addresses_of(const Depot& depot, const State& state);

}  // namespace core
