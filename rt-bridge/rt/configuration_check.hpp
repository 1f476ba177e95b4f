// SPDX-License-Identifier: GPL-3.0-or-later
// RT is silent about names it does not know and rights we do not have, for ever: so each is asked
// for before work begins. Private to this folder.
#pragma once

#include "core/model/problem.hpp"
#include "rt-bridge/rt/session.hpp"

namespace rt {

/// All that is wrong, not only the first. Throws Error if RT does not answer.
core::Report check_configuration(Session& session, const Rest2Settings& settings);

}  // namespace rt
