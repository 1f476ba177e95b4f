// SPDX-License-Identifier: GPL-3.0-or-later
// What is remarkable of a DEB (core/model/remark.hpp), by its control file and its files.
#pragma once

#include <vector>

#include "backends/apt/deb.hpp"
#include "backends/apt/deb822.hpp"
#include "core/model/remark.hpp"

namespace apt {

/// `control` is the parsed control file of `deb`, whose relations were checked.
core::Remarks remarks_on(const std::vector<Field>& control, const Deb& deb,
                         const core::RemarkRule& rule);

}  // namespace apt
