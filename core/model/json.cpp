// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/json.hpp"

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {

Json parse_json(std::string_view text, std::string_view what) {
    try {
        return Json::parse(text);
    } catch (const Json::exception& error) {
        throw Error(std::string(what) + " is damaged: " + error.what());
    }
}

std::string dump(const Json& json) {
    return escaped_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace core
