// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/dictionary.hpp"

#include <cstdio>
#include <gtest/gtest.h>
#include <string>

#include "backends/archive/fault.hpp"

namespace {

using archive::dictionary_size;
using archive::Kind;
using archive::Source;

constexpr std::uint64_t mebibyte = 1u << 20;

/// What a command of the shell prints.
std::string printed(const std::string& command) {
    std::string bytes;
    FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) {
        bytes.append(buffer, got);
    }
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return bytes;
}

std::uint64_t dictionary_of(const std::string& command, Kind kind) {
    const std::string bytes = printed("seq 30000 | " + command);
    return dictionary_size(Source::memory(bytes), kind);
}

/// An xz stream that asks for 1 GiB; to make one takes as much and more.
std::string large_xz() {
    std::string bytes = printed("seq 30000 | xz -0");
    EXPECT_EQ(bytes.substr(14, 2), "\x21\x01");  // LZMA2, one byte of properties
    bytes[16] = 36;
    return bytes;
}

TEST(Dictionary, OfXzIsThatOfEachFilter) {
    EXPECT_EQ(dictionary_of("xz -0", Kind::xz), mebibyte / 4);
    EXPECT_EQ(dictionary_of("xz -6", Kind::xz), 8 * mebibyte);
    EXPECT_EQ(dictionary_of("xz --x86 --lzma2=preset=0,dict=3MiB", Kind::xz), 3 * mebibyte);
    EXPECT_EQ(dictionary_of("xz --delta --lzma2=preset=0", Kind::xz), mebibyte / 4);
    EXPECT_EQ(dictionary_of("xz -0 -T2 --block-size=10000 --check=sha256", Kind::xz), mebibyte / 4);
    EXPECT_EQ(dictionary_of("xz -0 --check=none", Kind::xz), mebibyte / 4);
    EXPECT_EQ(dictionary_size(Source::memory(large_xz()), Kind::xz), 1024 * mebibyte);
}

TEST(Dictionary, IsTheLargestOfAllParts) {
    const std::string small = printed("seq 1000 | xz -0");
    const std::string padding(8, '\0');
    EXPECT_EQ(dictionary_size(Source::memory(small + padding + large_xz() + small), Kind::xz),
              1024 * mebibyte);
    const std::string frame = printed("seq 1000 | zstd -q --no-check");
    const std::string skipped("\x53\x2a\x4d\x18\x03\0\0\0xxx", 11);
    std::string wide = frame;
    wide[5] = static_cast<char>((31 - 10) << 3);
    EXPECT_EQ(dictionary_size(Source::memory(frame + skipped + wide + frame), Kind::zstd),
              2048 * mebibyte);
}

TEST(Dictionary, OfZstdIsItsWindowOrAllOfIt) {
    EXPECT_EQ(dictionary_of("zstd -q -1 --long=27", Kind::zstd), 128 * mebibyte);
    const std::string whole = printed(
        "seq 1000 >dictionary.tmp; zstd -q -c dictionary.tmp; "
        "rm dictionary.tmp");
    EXPECT_EQ(dictionary_size(Source::memory(whole), Kind::zstd), 3893u);
}

TEST(Dictionary, OfOthers) {
    EXPECT_EQ(dictionary_of("xz --format=lzma -0", Kind::lzma), mebibyte / 4);
    EXPECT_EQ(dictionary_of("gzip", Kind::gzip), 0u);
    EXPECT_EQ(dictionary_of("bzip2", Kind::bzip2), 0u);
}

TEST(Dictionary, IsKnownOfWhatIsCut) {
    const std::string whole = large_xz();
    for (const std::size_t size : {13ul, 30ul, 60ul, 5000ul, whole.size() - 1}) {
        const std::string cut = whole.substr(0, size);
        EXPECT_EQ(dictionary_size(Source::memory(cut), Kind::xz), size < 30 ? 0 : 1024 * mebibyte)
            << size;
    }
}

TEST(Dictionary, WhatHasNotTheFormIsBroken) {
    std::string bytes = printed("seq 1000 | xz -0");
    bytes[13] = '\x3f';  // flags of the first block that nobody knows
    EXPECT_THROW(dictionary_size(Source::memory(bytes), Kind::xz), archive::Broken);
    bytes = printed("seq 1000 | zstd -q") + "more";
    EXPECT_THROW(dictionary_size(Source::memory(bytes), Kind::zstd), archive::Broken);
}

}  // namespace
