// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/progress_notes.hpp"

#include <fmt/format.h>

#include "core/model/text.hpp"

namespace bridge {
namespace {

using Clock = std::chrono::steady_clock;

std::string megabytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

http::Progress progress_notes(std::function<void(const std::string&)> note,
                              std::chrono::milliseconds pause) {
    return [note = std::move(note), pause, url = std::string(), due = Clock::time_point()](
               const http::Url& now, std::uint64_t received, std::uint64_t total) mutable {
        const bool is_new = now.text() != url;
        if (is_new) {
            url = now.text();
            due = Clock::now() + pause;
        }
        if (Clock::now() < due) return;
        due = Clock::now() + pause;
        note(fmt::format("downloading {}: {}{}", core::escaped(url), megabytes(received),
                         total == 0 ? "" : " of " + megabytes(total)));
    };
}

}  // namespace bridge
