// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backends/bundle/sandbox.hpp"

#include <cstdlib>
#include <iterator>

#include "backends/bundle/archive_cell.hpp"
#include "backends/bundle/descriptor_cell.hpp"
#include "backends/bundle/inflate_cell.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace fs = std::filesystem;

const core::Cells& cells() {
    static const core::Cells cells({{"archive", bundle::archive_task()},
                                    {"descriptor", bundle::descriptor_task()},
                                    {"inflate", bundle::inflate_task()}});
    return cells;
}

Sandbox::Sandbox() {
    fs::create_directory(scratch());
}

std::size_t Sandbox::scratch_files() const {
    std::size_t found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(scratch())) {
        if (!entry.is_directory() || fs::is_empty(entry)) ++found;
    }
    return found;
}

bool Sandbox::untouched() const {
    return std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()) == 1;
}

void Sandbox::run(const std::string& command) const {
    const std::string whole =
        "cd '" + directory_.path().string() + "' && { " + command + "; } >/dev/null";
    if (std::system(whole.c_str()) != 0) throw core::Error("failed: " + command);
}
