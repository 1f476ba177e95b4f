// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/member_names.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/reason.hpp"
#include "core/text.hpp"

namespace bundle {
namespace {

using core::Problem;
using core::Severity;

constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_part = 255;  // what Linux file systems can hold

Problem error(core::reason::Code code, std::string message, std::string remedy) {
    Problem problem;
    problem.severity = Severity::error;
    problem.code = code;
    problem.message = std::move(message);
    problem.remedy = std::move(remedy);
    return problem;
}

Problem traversal(std::string message) {
    return error(core::reason::path_traversal, std::move(message),
                 "pack the files with relative names below one directory");
}

Problem bad_name(std::string message) {
    return error(core::reason::member_name, std::move(message), "rename the file");
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The letters that carry the accents, for the characters that Unicode decomposes into a Latin
/// letter and combining marks; '.' for all others.
constexpr std::string_view latin_bases =
    "aaaaaa.ceeeeiiii.nooooo..uuuuy.."   // U+00C0
    "aaaaaa.ceeeeiiii.nooooo..uuuuy.y"   // U+00E0
    "aaaaaaccccccccdd..eeeeeeeeeegggg"   // U+0100
    "gggghh..iiiiiiiii...jjkk.llllll."   // U+0120
    "...nnnnnn...oooooo..rrrrrrssssss"   // U+0140
    "sstttt..uuuuuuuuuuuuwwyyyzzzzzz.";  // U+0160
constexpr std::string_view more_latin_bases =
    "aabbbbbbccddddddddddeeeeeeeeeeff"   // U+1E00
    "gghhhhhhhhhhiiiikkkkkkllllllllmm"   // U+1E20
    "mmmmnnnnnnnnoooooooopppprrrrrrrr"   // U+1E40
    "ssssssssssttttttttuuuuuuuuuuvvvv"   // U+1E60
    "wwwwwwwwwwxxxxyyzzzzzzhtwy......"   // U+1E80
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"   // U+1EA0
    "eeeeeeeeiiiioooooooooooooooooooo"   // U+1EC0
    "oooouuuuuuuuuuuuuuyyyyyyyy......";  // U+1EE0
static_assert(latin_bases.size() == 0x180 - 0xC0 && more_latin_bases.size() == 0x100);

char base_of(char32_t code) {
    if (code >= 0xC0 && code < 0x180) return latin_bases[code - 0xC0];
    if (code >= 0x1E00 && code < 0x1F00) return more_latin_bases[code - 0x1E00];
    return '.';
}

/// The small letter of Latin letters without a base, of Greek and of Cyrillic; else the same.
char32_t small(char32_t code) {
    const bool shifted = (code >= 0xC0 && code <= 0xDE && code != 0xD7) ||
                         (code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F);
    if (shifted) return code + 0x20;
    if (code >= 0x400 && code <= 0x40F) return code + 0x50;
    const bool odd_is_large = code >= 0x139 && code <= 0x148;
    const bool in_pairs = code >= 0x100 && code < 0x180 && code != 0x130 && code != 0x138 &&
                          code != 0x149 && code < 0x178;
    if (in_pairs && (code % 2 == 1) == odd_is_large) return code + 1;
    return code;
}

/// One code point of valid UTF-8, which is removed from `text`.
char32_t take_character(std::string_view& text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length && i < text.size(); ++i) {
        code = code << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3Fu);
    }
    text.remove_prefix(std::min(length, text.size()));
    return code;
}

void append_folded(std::string& folded, char32_t code, std::string_view bytes) {
    const char base = base_of(code);
    const char32_t letter = small(code);
    if (code < 0x80) {
        folded += code >= 'A' && code <= 'Z' ? static_cast<char>(code - 'A' + 'a') : bytes.front();
    } else if (base != '.') {
        folded += base;
    } else if (letter != code) {  // all of these have two bytes
        folded += static_cast<char>(0xC0 | letter >> 6);
        folded += static_cast<char>(0x80 | (letter & 0x3F));
    } else if (code < 0x300 || code > 0x36F) {
        folded += bytes;
    }
}

Problem collision(const std::string& name, const std::string& other) {
    if (name == other) {
        return error(core::reason::duplicate_member, "there are two members of this name",
                     "pack each file once");
    }
    return error(core::reason::duplicate_member,
                 "its name and that of " + other + " are the same to many file systems",
                 "give the files names that differ in more than case and accents");
}

}  // namespace

std::optional<Problem> name_problem(std::string_view name) {
    if (name.empty()) return bad_name("the member has no name");
    if (name.find('\0') != name.npos) return bad_name("there is a NUL in the name");
    if (!core::valid_utf8(name)) return bad_name("the name is not UTF-8");
    if (name.front() == '/') return traversal("the name is absolute");
    if (name.find('\\') != name.npos) return traversal("there is a backslash in the name");
    if (name.size() >= 2 && is_letter(name[0]) && name[1] == ':') {
        return traversal("the name begins with a drive letter");
    }
    if (name.size() > longest_name) {
        return bad_name("the name has " + std::to_string(name.size()) + " bytes");
    }
    for (const std::string& part : core::split(name, "/")) {
        if (part == "..") return traversal("the name leads out of the bundle (..)");
        if (part.size() > longest_part) {
            return bad_name("a part of the name has " + std::to_string(part.size()) + " bytes");
        }
    }
    return std::nullopt;
}

std::string plain_name(std::string_view name) {
    std::vector<std::string> parts = core::split(name, "/");
    std::erase(parts, ".");
    return core::join(parts, "/");
}

std::string folded_name(std::string_view plain) {
    std::string folded;
    while (!plain.empty()) {
        const std::string_view before = plain;
        const char32_t code = take_character(plain);
        append_folded(folded, code, before.substr(0, before.size() - plain.size()));
    }
    return folded;
}

std::optional<Problem> NameRegister::add_file(const std::string& plain) {
    const std::string folded = folded_name(plain);
    for (std::size_t slash = plain.rfind('/'); slash != plain.npos && slash > 0;
         slash = plain.rfind('/', slash - 1)) {
        const std::string directory = plain.substr(0, slash);
        const std::string folded_directory = folded_name(directory);
        const auto file = files_.find(folded_directory);
        if (file != files_.end()) return collision(directory, file->second);
        // The directories above are known too, then.
        if (!directories_.emplace(folded_directory, directory).second) break;
    }
    const auto directory = directories_.find(folded);
    if (directory != directories_.end()) return collision(plain, directory->second);
    const auto [first, is_new] = files_.emplace(folded, plain);
    if (!is_new) return collision(plain, first->second);
    return std::nullopt;
}

}  // namespace bundle
