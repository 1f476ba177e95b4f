// SPDX-License-Identifier: GPL-3.0-or-later
// How RPM packages are read, in a cell.
#pragma once

#include "core/work/inspector.hpp"

namespace yum {

class RpmReader : public core::PackageReader {
  public:
    void prepare() const override;
    core::Inspection read(core::File file, const core::Digest& digest,
                          const core::InspectionRule& rule) const override;
};

}  // namespace yum
