// SPDX-License-Identifier: GPL-3.0-or-later
// The indexes of one source, read in a cell: the task "index" and who asks for it. Private to this
// folder, but for the task.
#pragma once

#include <memory>
#include <string>

#include "core/system/cells.hpp"
#include "rt-bridge/fetch/index.hpp"

namespace fetch {

core::CellTask index_task();

enum class IndexForm { packages, primary };  // apt's Packages, yum's primary

/// Reads one after the other. What a cell says of an index is judged again by a list of our own.
class IndexCell {
  public:
    IndexCell(const core::Cells& cells, const IndexLimits& limits);

    /// `index` is open for reading; `where` names it. Throws Refused.
    void read(IndexForm form, core::File index, const std::string& where);

    const Files& files() const { return list_.files(); }

  private:
    const core::Cells& cells_;
    const IndexLimits limits_;
    std::unique_ptr<core::Cell> cell_;  // made for the first index
    PackageList list_;
};

}  // namespace fetch
