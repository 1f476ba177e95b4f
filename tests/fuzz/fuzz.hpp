// SPDX-License-Identifier: GPL-3.0-or-later
// What every target does: a function of ours on bytes of a stranger, and what has to hold of the
// outcome. What is refused is refused with a Refused or an Error; every other exception ends the
// program, as a claim does that is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline void claim(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

/// False: it was refused, in words for whoever handed it in.
template <class Action>
bool is_taken(Action&& action) {
    try {
        action();
        return true;
    } catch (const core::Refused&) {
        return false;
    }
}

/// False: it is not as we wrote it, in words for the operator.
template <class Action>
bool is_sound(Action&& action) {
    try {
        action();
        return true;
    } catch (const core::Error&) {
        return false;
    }
}

/// The bytes as a file of that name, which each input replaces.
inline std::filesystem::path file_of(std::string_view bytes, const char* name) {
    static const tests::Scratch scratch = tests::Scratch::in_memory();
    core::write_file(scratch / name, bytes);
    return scratch / name;
}

/// Takes what stands before the first `end`, or all.
inline std::string_view take(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}

/// Where a cache cannot be, so that all is made again.
inline constexpr const char* no_directory = "/proc/none";

}  // namespace fuzz
