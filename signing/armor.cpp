// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/armor.hpp"

#include <cstdint>

#include "core/model/base64.hpp"

namespace signing {
namespace {

std::string decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) throw Malformed("the base64 text of the armor is cut");
    if (auto bytes = core::from_base64(text)) return *std::move(bytes);
    throw Malformed("the armor holds what is not base64");
}

std::uint32_t crc24(std::string_view bytes) {
    std::uint32_t crc = 0xB704CE;
    for (const char c : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
        for (int bit = 0; bit < 8; ++bit) {
            crc <<= 1;
            if ((crc & 0x1000000) != 0) crc ^= 0x1864CFB;
        }
    }
    return crc;
}

void check_crc(std::string_view bytes, std::string_view line) {
    const std::string sum = decode_base64(line.substr(1));
    if (sum.size() != 3) throw Malformed("the checksum of the armor is cut");
    std::uint32_t stated = 0;
    for (const char c : sum) stated = stated << 8 | static_cast<unsigned char>(c);
    if (stated != crc24(bytes)) throw Malformed("the checksum of the armor does not fit");
}

/// Reads a block behind its first line.
std::string decode_block(std::string_view& text, const std::string& last_line) {
    std::string_view line = take_line(text);
    while (!line.empty()) {  // headers: "Version: …", "Comment: …"
        if (line.find(": ") == std::string_view::npos && line.back() != ':') {
            throw Malformed("the armor lacks the empty line behind its headers");
        }
        if (text.empty()) throw Malformed("the armor has no end");
        line = take_line(text);
    }
    std::string base64;
    std::string_view crc;
    while (true) {
        if (text.empty()) throw Malformed("the armor has no end");
        line = take_line(text);
        if (line == last_line) break;
        if (!crc.empty()) throw Malformed("the armor goes on behind its checksum");
        if (line.starts_with('=')) {
            crc = line;
        } else {
            base64 += line;
        }
    }
    std::string bytes = decode_base64(base64);
    if (!crc.empty()) check_crc(bytes, crc);
    return bytes;
}

}  // namespace

bool is_binary(std::string_view bytes) {
    return !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0;
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t last = line.find_last_not_of(" \t\r");
    return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string decode_armor(std::string_view text, std::string_view label, Surroundings surroundings) {
    const std::string name(label);
    const std::string first_line = "-----BEGIN " + name + "-----";
    const std::string last_line = "-----END " + name + "-----";
    std::string bytes;
    bool found = false;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line == first_line) {
            bytes += decode_block(text, last_line);
            found = true;
        } else if (line.starts_with("-----BEGIN PGP ")) {
            throw Malformed("there is armor of another kind than " + name);
        } else if (!line.empty() && surroundings == Surroundings::blank) {
            throw Malformed("there is text around the armor");
        }
    }
    if (!found) throw Malformed("there is no " + name + " block");
    return bytes;
}

}  // namespace signing
