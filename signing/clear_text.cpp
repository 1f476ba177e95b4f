// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/clear_text.hpp"

#include <algorithm>

namespace signing {
namespace {

constexpr std::string_view message_line = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view signature_line = "-----BEGIN PGP SIGNATURE-----";

/// GnuPG hashes only the first 19,995 bytes of a line: the rest would be content nobody signed.
constexpr std::size_t longest_line = 16'384;

bool is_hash_header(std::string_view line) {
    constexpr std::string_view start = "Hash: ";
    if (!line.starts_with(start)) return false;
    line.remove_prefix(start.size());
    return std::all_of(line.begin(), line.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ',' || c == '-' || c == ' ';
    });
}

void check_line(std::string_view line) {
    if (line.size() > longest_line) throw Malformed("a line is too long for a signed text");
    if (line.find('\0') != std::string_view::npos) throw Malformed("a NUL byte in a signed text");
}

}  // namespace

std::string canonical_text(std::string_view text) {
    std::string canonical;
    canonical.reserve(text.size() + text.size() / 16);
    bool first = true;
    while (!text.empty()) {
        check_line(text.substr(0, text.find('\n')));
        if (!first) canonical += "\r\n";
        first = false;
        canonical += take_line(text);
    }
    return canonical;
}

ClearText parse_clear_text(std::string_view text) {
    if (!text.starts_with(message_line) || take_line(text) != message_line) {
        throw Malformed("the text does not begin as a clear-signed message");
    }
    while (true) {  // ends at the latest at the end of the text, whose last line is empty
        const std::string_view line = take_line(text);
        if (line.empty()) break;
        if (!is_hash_header(line)) throw Malformed("unknown header in a clear-signed message");
    }
    ClearText result;
    while (!text.starts_with(signature_line)) {
        if (text.empty()) throw Malformed("the clear-signed message has no signature");
        check_line(text.substr(0, text.find('\n')));
        std::string_view line = take_line(text);
        if (line.starts_with("- ")) {
            line.remove_prefix(2);
        } else if (line.starts_with('-')) {
            throw Malformed("a line of a clear-signed message is not escaped");
        }
        result.content += line;
        result.content += '\n';
    }
    result.canonical = canonical_text(result.content);
    result.signature = decode_armor(text, "PGP SIGNATURE", Surroundings::blank);
    return result;
}

}  // namespace signing
