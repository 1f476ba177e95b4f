// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/temporaries.hpp"

#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

void remove_temporaries(const fs::path& directory, std::string_view start) {
    for (const Entry& entry : entries(directory)) {
        const std::string name = entry.name();
        if (is_temporary(name) && name.starts_with(start)) remove_tree(entry.path);
    }
}

}  // namespace

void remove_temporaries(const fs::path& directory) {
    remove_temporaries(directory, ".");
}

void remove_temporaries_of(const fs::path& file) {
    remove_temporaries(file.parent_path(), "." + file.filename().string() + ".");
}

}  // namespace core
