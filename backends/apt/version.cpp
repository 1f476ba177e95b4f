// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/version.hpp"

#include <algorithm>

#include "core/model/package.hpp"

namespace apt {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// True if all of `text` are letters, digits or one of `others`.
bool consists_of(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_digit(c) || is_letter(c) || others.find(c) != std::string_view::npos;
    });
}

struct Parts {
    std::string_view epoch, upstream, revision;
};

Parts split(std::string_view text) {
    Parts parts;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        parts.epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (const auto hyphen = text.rfind('-'); hyphen != std::string_view::npos) {
        parts.revision = text.substr(hyphen + 1);
        text = text.substr(0, hyphen);
    }
    parts.upstream = text;
    return parts;
}

/// True also of a version without an epoch.
bool epoch_fits(std::string_view text, const Parts& parts) {
    return text.find(':') == std::string_view::npos || core::is_epoch(parts.epoch);
}

/// Where a character that is no digit sorts: `~` before the end, the end before letters, letters
/// before everything else.
int rank(std::string_view text) {
    if (text.empty() || is_digit(text.front())) return 0;
    const auto code = static_cast<unsigned char>(text.front());
    if (code == '~') return -1;
    return is_letter(text.front()) ? code : code + 256;
}

/// Takes the digits in front, without leading zeros.
std::string_view take_number(std::string_view& text) {
    while (text.starts_with('0')) text.remove_prefix(1);
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::string_view number = text.substr(0, size);
    text.remove_prefix(size);
    return number;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    if (const auto order = a.size() <=> b.size(); order != 0) return order;
    return a.compare(b) <=> 0;
}

/// Compares text and numbers in turn.
std::strong_ordering compare_parts(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a.front())) || (!b.empty() && !is_digit(b.front()))) {
            if (const auto order = rank(a) <=> rank(b); order != 0) return order;
            if (!a.empty()) a.remove_prefix(1);
            if (!b.empty()) b.remove_prefix(1);
        }
        const auto order = compare_numbers(take_number(a), take_number(b));
        if (order != 0) return order;
    }
    return std::strong_ordering::equal;
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
    const Parts parts = split(text);
    const bool has_revision = text.find('-') != std::string_view::npos;
    if (!epoch_fits(text, parts)) return std::nullopt;
    if (has_revision && parts.revision.empty()) return std::nullopt;
    if (parts.upstream.empty() || !is_digit(parts.upstream.front())) return std::nullopt;
    if (!consists_of(parts.upstream, ".+-~") || !consists_of(parts.revision, ".+~")) {
        return std::nullopt;
    }
    return Version{std::string(parts.epoch), std::string(parts.upstream),
                   std::string(parts.revision)};
}

bool comparable(std::string_view text) {
    const Parts parts = split(text);
    return epoch_fits(text, parts) && !parts.upstream.empty() && is_digit(parts.upstream.front()) &&
           (!parts.revision.empty() || text.find('-') == std::string_view::npos) &&
           consists_of(text, ".+-~:");
}

std::strong_ordering compare_versions(std::string_view a, std::string_view b) {
    const Parts one = split(a);
    const Parts other = split(b);
    if (const auto order = compare_parts(one.epoch, other.epoch); order != 0) return order;
    if (const auto order = compare_parts(one.upstream, other.upstream); order != 0) return order;
    return compare_parts(one.revision, other.revision);
}

}  // namespace apt
