// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/microhttpd.hpp"

namespace server {

const Microhttpd& mhd() {
    static const Microhttpd functions;
    return functions;
}

}  // namespace server
