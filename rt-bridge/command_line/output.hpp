// SPDX-License-Identifier: GPL-3.0-or-later
// Standard output, of which every byte has to arrive, and standard error, which nobody can be told
// about.
#pragma once

#include <string_view>

namespace command_line {

/// Whoever started us may have closed them. A file of ours must not come to stand in their place;
/// writing to them goes on being an error.
void occupy_standard_files();

/// Throws Error unless all that was printed has arrived.
void flush_output();

/// To standard error, as far as that goes.
void write_stderr(std::string_view text) noexcept;

}  // namespace command_line
