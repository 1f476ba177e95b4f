// SPDX-License-Identifier: GPL-3.0-or-later
// What is remarkable of an RPM (core/model/remark.hpp), by its header.
#pragma once

#include "backends/yum/header_view.hpp"
#include "core/model/package.hpp"

namespace yum {

/// `package` is what was read of the header, whose shape was checked. A source package installs
/// nothing, and has none.
core::Remarks remarks_on(const HeaderView& header, const core::Package& package,
                         const core::RemarkRule& rule);

}  // namespace yum
