// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/nonce_store.hpp"

#include <charconv>
#include <fcntl.h>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace rt {
namespace {

constexpr std::uint64_t largest_file = 64u << 20;

std::string line_of(const std::string& nonce, core::Time time) {
    return std::to_string(time.time_since_epoch().count()) + " " + nonce + "\n";
}

/// Only whole lines: the last one may have been cut off with the process that wrote it.
std::map<std::string, core::Time> read_lines(std::string_view text) {
    std::map<std::string, core::Time> seen;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
         text.remove_prefix(end + 1)) {
        const std::string_view line = text.substr(0, end);
        const std::size_t blank = line.find(' ');
        long long seconds = 0;
        const auto [last, error] = std::from_chars(line.data(), line.data() + line.size(), seconds);
        if (blank == std::string_view::npos || error != std::errc() ||
            last != line.data() + blank) {
            continue;
        }
        seen[std::string(line.substr(blank + 1))] = core::Time(std::chrono::seconds(seconds));
    }
    return seen;
}

}  // namespace

NonceStore::NonceStore(std::filesystem::path file, const core::Clock& clock,
                       std::chrono::seconds keep)
    : file_(std::move(file)), clock_(clock), keep_(keep) {
    if (core::status_of(file_)) seen_ = read_lines(core::read_file(file_, largest_file));
    forget(clock_.now());
    rewrite();
    lines_ = seen_.size();
}

bool NonceStore::add(const std::string& nonce) {
    const std::lock_guard lock(mutex_);
    const core::Time now = clock_.now();
    forget(now);
    if (!seen_.emplace(nonce, now).second) return false;
    if (lines_ > 1000 && lines_ > 4 * seen_.size()) {
        rewrite();
        lines_ = seen_.size();
        return true;
    }
    core::File opened = core::File::open_to_write(file_, O_APPEND);
    if (opened.descriptor() < 0) throw core::system_error("cannot open " + file_.string());
    core::with_context(file_.string(), [&] {
        opened.write(line_of(nonce, now));
        opened.close();
    });
    ++lines_;
    return true;
}

std::size_t NonceStore::size() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
}

void NonceStore::forget(core::Time now) {
    std::erase_if(seen_, [&](const auto& entry) { return entry.second + keep_ < now; });
}

void NonceStore::rewrite() const {
    std::string text;
    for (const auto& [nonce, time] : seen_) text += line_of(nonce, time);
    core::write_file(file_, text);
}

}  // namespace rt
