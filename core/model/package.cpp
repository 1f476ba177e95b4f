// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/package.hpp"

namespace core {

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
