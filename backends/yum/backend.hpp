// SPDX-License-Identifier: GPL-3.0-or-later
// How yum repositories look: repodata/ beside Packages/, one tree for each architecture and one for
// source packages. Read by dnf, zypper and yum.
#pragma once

#include "backends/yum/inspector.hpp"
#include "core/store/cache.hpp"
#include "core/store/pool.hpp"
#include "core/work/backend.hpp"

namespace yum {

class YumBackend : public core::Backend {
  public:
    /// `inspector` is borrowed; it makes fragments again that the cache has lost.
    YumBackend(core::Cache cache, core::Pool pool, const YumInspector& inspector)
        : cache_(std::move(cache)), pool_(std::move(pool)), inspector_(inspector) {}

    Shape shape() const override { return {"repodata", "Packages", "repo"}; }

    std::vector<core::Section> sections(const core::Platform& platform,
                                        const core::Package* package) const override;

    Documents documents(const core::Release& release, const core::Platform& platform,
                        const Bundled& bundled) const override;

    std::set<std::string> ids(std::string_view bytes_of_document) const override;

    core::Composed compose(const core::Composition& composition,
                           const std::filesystem::path& directory) const override;

    void check(const std::filesystem::path& directory,
               const core::Verifier& verifier) const override;

    std::string client_file(const core::ClientEntry& entry) const override;

  private:
    std::string document(const core::Row& row) const;

    core::Cache cache_;
    core::Pool pool_;
    const YumInspector& inspector_;
};

}  // namespace yum
