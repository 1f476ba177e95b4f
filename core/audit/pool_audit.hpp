// SPDX-License-Identifier: GPL-3.0-or-later
// Verify's look at records and pool: every package that a record names is there with its content
// and under its name, and nothing else is.
#pragma once

#include "core/audit/audit.hpp"

namespace core {

void audit_pool(const Audit& audit);

}  // namespace core
