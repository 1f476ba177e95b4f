// SPDX-License-Identifier: GPL-3.0-or-later
// How an apt repository looks:
//
//   dists/<line>/InRelease, Release, Release.gpg
//   dists/<line>/<component>/binary-<architecture>/Packages.gz, by-hash/SHA256/…
//   dists/<line>/<component>/Contents-<architecture>.gz, by-hash/SHA256/…
//   pool/<component>/<prefix>/<source>/…
//
// Release lists the open Packages and Contents too, as apt wants it; like Debian's archive, nobody
// keeps them. Packages of architecture all stand in the index of each architecture, so that clients
// of all ages find them.
#pragma once

#include "backends/apt/inspector.hpp"
#include "core/store/cache.hpp"
#include "core/store/pool.hpp"
#include "core/work/backend.hpp"

namespace apt {

class AptBackend : public core::Backend {
  public:
    /// Entries of the indexes come from the cache; those that are lost, from the pool.
    AptBackend(core::Cache cache, core::Pool pool, AptInspector inspector);

    Shape shape() const override { return {"dists", "pool", "sources"}; }

    std::vector<core::Section> sections(const core::Platform& platform,
                                        const core::Package* package) const override;

    /// None: apt has no place for advisories or groups.
    Documents documents(const core::Release& release, const core::Platform& platform,
                        const Bundled& bundled) const override;

    std::set<std::string> ids(std::string_view) const override { return {}; }

    core::Composed compose(const core::Composition& composition,
                           const std::filesystem::path& directory) const override;

    void check(const std::filesystem::path& directory,
               const core::Verifier& verifier) const override;

    std::string client_file(const core::ClientEntry& entry) const override;

  private:
    core::Cache cache_;
    core::Pool pool_;
    AptInspector inspector_;
};

}  // namespace apt
