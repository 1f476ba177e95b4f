// SPDX-License-Identifier: GPL-3.0-or-later
// What is believed of how RPM packages were read.
#pragma once

#include "backends/shards/shards.hpp"
#include "core/store/cache.hpp"
#include "core/system/cells.hpp"
#include "core/work/inspector.hpp"

namespace yum {

class YumInspector : public core::Inspector {
  public:
    YumInspector(core::Cache cache, const core::Cells& cells)
        : cache_(std::move(cache)), cells_(cells) {}

    const core::Cells& cells() const { return cells_; }

    std::string signed_bytes(core::File file) const override;
    void accept(const core::Inspection& inspection) const override;
    std::strong_ordering compare_versions(std::string_view a, std::string_view b) const override;

    /// The entries of a package in primary, filelists and other: from the cache, or made again from
    /// `file`, which was admitted once, by a cell with the task "rpm".
    shards::Fragments fragments(const std::filesystem::path& file,
                                const core::Digest& digest) const;

  private:
    core::Cache cache_;
    const core::Cells& cells_;
};

}  // namespace yum
