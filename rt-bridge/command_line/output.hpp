// SPDX-License-Identifier: GPL-3.0-or-later
// Standard output, of which every byte has to arrive, and standard error, which nobody can be told
// about.
#pragma once

#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace command_line {

/// Whoever started us may have closed them. A file of ours must not come to stand in their place;
/// writing to them goes on being an error.
void occupy_standard_files();

/// To standard output, which knows lines (core::escaped_lines). A value of one line is escaped
/// before. What cannot be written is told by flush_output.
void write_stdout(std::string_view text);

template <class... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
    write_stdout(fmt::format(format, std::forward<Values>(values)...));
}

/// Throws Error unless all that was printed has arrived.
void flush_output();

/// The same to standard error, as far as that goes.
void write_stderr(std::string_view text) noexcept;

/// Of a terminal, so that it can be written anew.
void erase_stderr_line() noexcept;

}  // namespace command_line
