// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/terminal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

#include "core/model/text.hpp"
#include "rt-bridge/command_line/output.hpp"

namespace command_line {
namespace {

std::string padded(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string result;
    for (std::size_t i = 0; i < cells.size(); ++i) result += padded(cells[i], widths[i]) + "  ";
    result.erase(result.find_last_not_of(' ') + 1);
    return result + "\n";
}

}  // namespace

Progress::Progress() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (shown_) erase_stderr_line();
}

void Progress::show(const std::string& what, std::size_t done, std::size_t of) {
    if (!on_terminal_) return;
    const auto now = std::chrono::steady_clock::now();
    const bool often = now - last_ < std::chrono::milliseconds(50);
    if (often && done != 0 && done != of) return;
    last_ = now;
    shown_ = true;
    const std::string line = core::escaped(what);
    erase_stderr_line();
    write_stderr(of == 0 ? fmt::format("{} …", line) : fmt::format("{} {} of {}", line, done, of));
}

std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows) {
    if (rows.empty()) return {};
    std::vector<std::vector<std::string>> cells{header};
    for (const auto& row : rows) {
        std::vector<std::string>& escaped = cells.emplace_back();
        for (const std::string& cell : row) escaped.push_back(core::escaped(cell));
    }
    std::vector<std::size_t> widths(header.size(), 0);
    for (const auto& row : cells) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string result;
    for (const auto& row : cells) result += line(row, widths);
    return result;
}

std::string counted(std::size_t count, const std::string& noun) {
    if (count == 1) return "1 " + noun;
    if (noun.ends_with('y')) return fmt::format("{} {}ies", count, noun.substr(0, noun.size() - 1));
    return fmt::format("{} {}s", count, noun);
}

}  // namespace command_line
