// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/json.hpp"

#include "core/model/text.hpp"

namespace core {

std::string dump(const Json& json) {
    return escaped_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace core
