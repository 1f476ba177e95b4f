// SPDX-License-Identifier: GPL-3.0-or-later
// What is believed of how .deb packages were read.
#pragma once

#include "backends/shards/shards.hpp"
#include "core/store/cache.hpp"
#include "core/system/cells.hpp"
#include "core/work/inspector.hpp"

namespace apt {

class AptInspector : public core::Inspector {
  public:
    AptInspector(core::Cache cache, const core::Cells& cells)
        : cache_(std::move(cache)), cells_(&cells) {}

    std::string signed_bytes(core::File file) const override;
    void accept(const core::Inspection& inspection) const override;
    std::strong_ordering compare_versions(std::string_view a, std::string_view b) const override;

    /// What the indexes say of a package: its entry in Packages, and the list of its files, a line
    /// each. From the cache, or else from the package, which `file` is, by a cell with the task
    /// "deb", and into the cache.
    shards::Fragments fragments(const core::Digest& digest,
                                const std::filesystem::path& file) const;

  private:
    core::Cache cache_;
    const core::Cells* cells_;
};

}  // namespace apt
