// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/curl.hpp"

namespace http {

const Curl& curl() {
    static const Curl functions;
    return functions;
}

}  // namespace http
