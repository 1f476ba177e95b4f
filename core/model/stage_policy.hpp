// SPDX-License-Identifier: GPL-3.0-or-later
// What a stage says to remarks on packages (remark.hpp) that enter it: it refuses those that its
// setting `refuse` names, and warns of the others.
#pragma once

#include <string>
#include <string_view>

#include "core/model/platform.hpp"
#include "core/model/problem.hpp"
#include "core/model/provider.hpp"

namespace core {

/// A finding for each package and kind, each where the package is said to be; of one kind the first
/// twenty packages and how many there are more, because all of it is told on a ticket.
Report judge_remarks(const NamedPackages& packages, const Stage& stage);

/// An epoch makes every version of before older, for good. `release` brings `package` in `version`
/// into a repository that has it in `older`, whose epoch is lower.
Problem epoch_jump(const std::string& release, std::string_view package, std::string_view version,
                   std::string_view older, const Stage& stage);

/// True if the epoch of one "[epoch:]version" is higher than that of the other. None is 0.
bool higher_epoch(std::string_view version, std::string_view than);

}  // namespace core
