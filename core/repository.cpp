// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repository.hpp"

namespace core {

std::string Repository::path() const {
    std::string path = stage + "/" + line;
    if (!release.empty()) path += "/releases/" + release;
    path += "/" + platform;
    if (!tree.empty()) path += "/" + tree;
    return path;
}

}  // namespace core
