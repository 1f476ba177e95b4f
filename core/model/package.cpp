// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/package.hpp"

#include "core/model/text.hpp"

namespace core {

bool is_epoch(std::string_view digits) {
    return whole_number<std::int32_t>(digits).has_value();
}

std::string_view Package::file_name() const {
    return std::string_view(path).substr(path.rfind('/') + 1);
}

std::string Package::full_version() const {
    std::string text = epoch.empty() ? version : epoch + ":" + version;
    if (!release.empty()) text += "-" + release;
    return text;
}

std::string Package::label() const {
    if (format == "deb") return name + "_" + full_version() + "_" + architecture;
    return name + "-" + full_version() + "." + architecture;
}

}  // namespace core
