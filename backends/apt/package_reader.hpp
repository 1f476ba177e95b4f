// SPDX-License-Identifier: GPL-3.0-or-later
// How .deb packages are read, in a cell. Debian's source packages (.dsc) are not taken.
#pragma once

#include "core/work/inspector.hpp"

namespace apt {

class DebReader : public core::PackageReader {
  public:
    void prepare() const override;
    core::Inspection read(core::File file, const core::Digest& digest,
                          const core::InspectionRule& rule) const override;
};

}  // namespace apt
