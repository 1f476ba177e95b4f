// SPDX-License-Identifier: GPL-3.0-or-later
// Reads .deb packages. Debian's source packages (.dsc) are not taken.
#pragma once

#include "backends/shards/shards.hpp"
#include "core/store/cache.hpp"
#include "core/work/inspector.hpp"

namespace apt {

class AptInspector : public core::Inspector {
  public:
    explicit AptInspector(const core::Cache& cache);

    void prepare() const override;

    core::Inspection inspect(const std::filesystem::path& file,
                             const core::Digest& digest) const override;

    std::strong_ordering compare_versions(std::string_view a, std::string_view b) const override;

    /// What the indexes say of a package: its entry in Packages, and the list of its files, a line
    /// each. From the cache, or else from the package, which `file` is, and into the cache.
    shards::Fragments fragments(const core::Digest& digest,
                                const std::filesystem::path& file) const;

  private:
    core::Cache cache_;
};

}  // namespace apt
