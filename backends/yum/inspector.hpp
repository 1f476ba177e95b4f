// SPDX-License-Identifier: GPL-3.0-or-later
// How RPM packages are read.
#pragma once

#include "backends/shards/shards.hpp"
#include "core/store/cache.hpp"
#include "core/work/inspector.hpp"

namespace yum {

class YumInspector : public core::Inspector {
  public:
    explicit YumInspector(const core::Cache& cache) : cache_(cache) {}

    void prepare() const override;

    core::Inspection inspect(const std::filesystem::path& file, const core::Digest& digest,
                             const core::InspectionRule& rule) const override;

    std::strong_ordering compare_versions(std::string_view a, std::string_view b) const override;

    /// The entries of a package in primary, filelists and other: from the cache, or made again from
    /// `file`, which inspect() accepted once.
    shards::Fragments fragments(const std::filesystem::path& file,
                                const core::Digest& digest) const;

  private:
    core::Cache cache_;
};

}  // namespace yum
