// SPDX-License-Identifier: GPL-3.0-or-later
// How far downloads are, for the log: a note every ten seconds, so that short ones are not
// mentioned.
#pragma once

#include <functional>
#include <string>

#include "rt-bridge/http/client.hpp"

namespace bridge {

http::Progress progress_notes(std::function<void(const std::string&)> note,
                              std::chrono::milliseconds pause = std::chrono::seconds(10));

}  // namespace bridge
