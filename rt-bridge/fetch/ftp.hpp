// SPDX-License-Identifier: GPL-3.0-or-later
// The packages in an ftp directory and below. Private to this folder.
#pragma once

#include "rt-bridge/fetch/basket.hpp"

namespace fetch {

void fetch_ftp_directory(Basket& basket, const std::string& url);

}  // namespace fetch
