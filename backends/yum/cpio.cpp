// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/cpio.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::size_t field_size = 8;
constexpr std::size_t longest_name = 4096;  // for rpm

/// Eight hexadecimal digits and nothing else.
std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
    std::uint32_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, number, 16);
    if (error != std::errc() || rest != end) return std::nullopt;
    return number;
}

}  // namespace

void Cpio::corrupt(std::string_view what) const {
    throw core::Refused(core::reason::package_corrupt,
                        fmt::format("the payload {}, at byte {} of it", what, position_),
                        "build the package with rpm 4");
}

/// Up to `most` bytes; none at the end.
std::string_view Cpio::some(std::uint64_t most) {
    if (block_.empty()) block_ = blocks_();
    const std::string_view taken =
        block_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, block_.size())));
    block_.remove_prefix(taken.size());
    position_ += taken.size();
    return taken;
}

std::string Cpio::take(std::size_t size) {
    std::string bytes;
    read(size, [&](std::string_view part) { bytes += part; });
    return bytes;
}

void Cpio::read(std::uint64_t size, const Sink& sink) {
    while (size > 0) {
        const std::string_view part = some(size);
        if (part.empty()) corrupt("ends before its trailer");
        sink(part);
        size -= part.size();
    }
}

void Cpio::skip_padding() {
    take(static_cast<std::size_t>((4 - position_ % 4) % 4));
}

void Cpio::check_rest() {
    while (true) {
        const std::string_view rest = some(~0ull);
        if (rest.empty()) return;
        if (rest.find_first_not_of('\0') != std::string_view::npos) {
            corrupt("goes on after its trailer");
        }
    }
}

bool Cpio::next(Member& member) {
    skip_padding();
    const std::string magic = take(6);
    member = {};
    if (magic == "07070X") {
        const auto number = hexadecimal(take(field_size));
        if (!number) corrupt("has a number that is none");
        member.numbered = true;
        member.number = *number;
        skip_padding();
        return true;
    }
    if (magic != "070701" && magic != "070702") {
        corrupt(fmt::format("has \"{}\" where a member of a cpio archive must begin",
                            core::escaped(magic)));
    }
    enum Field { inode, mode, user, group, links, time, size, name_size = 11, fields = 13 };
    const std::string header = take(fields * field_size);
    std::uint32_t numbers[fields];
    for (std::size_t i = 0; i < fields; ++i) {
        const auto number =
            hexadecimal(std::string_view(header).substr(i * field_size, field_size));
        if (!number) corrupt("has a number that is none");
        numbers[i] = *number;
    }
    if (numbers[name_size] < 1 || numbers[name_size] > longest_name) {
        corrupt(fmt::format("has a name of {} bytes", numbers[name_size]));
    }
    member.name = take(numbers[name_size]);
    if (member.name.find('\0') != member.name.size() - 1) corrupt("has a name that is none");
    member.name.pop_back();
    member.mode = numbers[mode];
    member.size = numbers[size];
    member.links = numbers[links];
    skip_padding();
    if (member.name != trailer) return true;
    if (member.size != 0) corrupt("has a trailer with bytes");
    check_rest();
    return false;
}

}  // namespace yum
