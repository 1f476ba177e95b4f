// SPDX-License-Identifier: GPL-3.0-or-later
// Tars whose every byte is said, and the packages around them.
#pragma once

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/backends/apt/workshop.hpp"

struct TarMember {
    std::string name;
    char type = '0';
    std::string content = {};
    std::string link = {};
    std::function<void(std::string& header)> spoil = {};  // before the checksum
};

inline std::string tar_block(std::string text) {
    text.resize((text.size() + 511) / 512 * 512);
    return text;
}

inline std::string tar_header(const TarMember& member) {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) {
        header.replace(at, text.size(), text);
    };
    char size[16];
    std::snprintf(size, sizeof size, "%011zo", member.content.size());
    put(0, member.name.substr(0, 100));
    put(100, member.type == '5' ? "0000755" : "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, size);
    put(136, "00000000000");
    header[156] = member.type;
    put(157, member.link.substr(0, 100));
    put(257, "ustar  ");
    put(265, "root");
    put(297, "root");
    if (member.spoil) member.spoil(header);
    std::memset(&header[148], ' ', 8);
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    header.replace(148, 7, std::string(text, 7));
    return header;
}

inline std::string tar_of(const std::vector<TarMember>& members) {
    std::string bytes;
    for (const TarMember& member : members) bytes += tar_header(member) + tar_block(member.content);
    return bytes + std::string(1024, '\0');
}

/// "usr/bin/argus" with the directories that it needs.
inline std::vector<TarMember> sound_members() {
    return {{"./", '5'}, {"./usr/", '5'}, {"./usr/bin/", '5'}, {"./usr/bin/argus", '0', "#!"}};
}

inline std::vector<TarMember> control_members(const std::string& more_fields = {}) {
    return {{"./", '5'},
            {"./control", '0',
             "Package: argus\nVersion: 1.0-1\nArchitecture: all\nMaintainer: A <a@example.org>\n" +
                 more_fields + "Description: x\n"}};
}

inline std::string deb_of(const std::vector<TarMember>& control, const std::vector<TarMember>& data,
                          const std::string& version = "2.0\n") {
    return Workshop::ar(
        {{"debian-binary", version}, {"control.tar", tar_of(control)}, {"data.tar", tar_of(data)}});
}
