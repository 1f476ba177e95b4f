// SPDX-License-Identifier: GPL-3.0-or-later
// What the packages replace that come into a repository, and which of them are older than what is
// there.
#pragma once

#include <vector>

#include "core/model/operation.hpp"
#include "core/model/problem.hpp"
#include "core/work/backend.hpp"
#include "core/work/plan.hpp"

namespace core {

/// Sets for each added row the newest older version that is there. Returns an error for each
/// package that comes with one of the moves while a newer one is there. `format` is that of the
/// repository.
Report find_replaced(RepositoryPlan& plan, const Format& format, const std::vector<Move>& moves);

}  // namespace core
