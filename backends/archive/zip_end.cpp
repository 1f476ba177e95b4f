// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/zip_end.hpp"

#include <algorithm>
#include <optional>

#include "backends/archive/fault.hpp"

namespace archive {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t end_size = 22;      // end of central directory record
constexpr std::size_t locator_size = 20;  // zip64 end locator
constexpr std::size_t zip64_end_size = 56;
constexpr std::uint64_t in_zip64_16 = 0xffff;

/// The place of the end record: where its comment reaches exactly to the end of the source.
std::optional<std::uint64_t> find_end(const Source& source) {
    const std::uint64_t size = source.size();
    const std::size_t tail_size =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, end_size + 0xffff));
    const std::string tail = source.text_at(size - tail_size, tail_size);
    for (std::size_t at = tail.rfind("PK\5\6"); at != tail.npos && tail.size() >= end_size;
         at = at == 0 ? tail.npos : tail.rfind("PK\5\6", at - 1)) {
        if (at + end_size > tail.size()) continue;
        if (at + end_size + little_endian_16(tail, at + 20) == tail.size()) {
            return size - tail_size + at;
        }
    }
    return std::nullopt;
}

[[noreturn]] void end_not_found(const Source& source) {
    constexpr std::size_t far_enough = 1 << 20;
    const std::uint64_t size = source.size();
    const std::string tail = source.text_at(size > far_enough ? size - far_enough : 0, far_enough);
    if (tail.find("PK\5\6") != tail.npos) {
        throw Broken(Fault::trailing,
                     "there is data after the end of the zip, or its end is damaged",
                     "hand in one archive alone");
    }
    throw Broken(Fault::truncated, "the end of the zip is missing: it is cut short",
                 "make or transfer the file again");
}

[[noreturn]] void one_of_several() {
    throw Broken(Fault::unknown, "it is one part of an archive in several parts");
}

/// By the zip64 end record that the locator at `at` names; it must stand right before the locator.
ZipExtent zip64_extent(const Source& source, std::uint64_t at, std::string_view locator) {
    if (little_endian(locator, 4, 4) != 0 || little_endian(locator, 16, 4) > 1) one_of_several();
    const std::uint64_t begin = little_endian(locator, 8, 8);
    const std::string record = source.text_at(begin, zip64_end_size);
    if (record.size() < zip64_end_size || !record.starts_with("PK\6\6"sv) ||
        begin + 12 + little_endian(record, 4, 8) != at) {
        refuse_zip("the zip64 record is not where it should be");
    }
    const ZipExtent extent{little_endian(record, 32, 8), little_endian(record, 48, 8),
                           little_endian(record, 40, 8)};
    if (extent.begin > begin || extent.size != begin - extent.begin) {
        refuse_zip("the zip64 record contradicts itself");
    }
    return extent;
}

/// Whether an end record that says `here` leaves the word to the zip64 record, or says the same.
bool agrees(std::uint64_t here, std::uint64_t real, std::uint64_t mark) {
    return here == real || here == mark;
}

}  // namespace

ZipExtent find_zip_directory(const Source& source) {
    const auto end = find_end(source);
    if (!end) end_not_found(source);
    const std::string record = source.text_at(*end, end_size);
    if (little_endian_16(record, 4) != 0 || little_endian_16(record, 6) != 0 ||
        little_endian_16(record, 8) != little_endian_16(record, 10)) {
        one_of_several();
    }
    const ZipExtent extent{little_endian_16(record, 10), little_endian(record, 16, 4),
                           little_endian(record, 12, 4)};
    // Writers that stream add a zip64 record also where this one can say it all.
    const std::uint64_t at = *end - std::min<std::uint64_t>(*end, locator_size);
    const std::string locator = source.text_at(at, locator_size);
    if (locator.starts_with("PK\6\7"sv)) {
        const ZipExtent wide = zip64_extent(source, at, locator);
        if (!agrees(extent.members, wide.members, in_zip64_16) ||
            !agrees(extent.begin, wide.begin, in_zip64) ||
            !agrees(extent.size, wide.size, in_zip64)) {
            refuse_zip("its two end records contradict each other");
        }
        return wide;
    }
    if (extent.members == in_zip64_16 || extent.begin == in_zip64 || extent.size == in_zip64) {
        refuse_zip("the zip64 record is missing");
    }
    if (extent.end() != *end) refuse_zip("its place and size do not lead to its end");
    return extent;
}

bool ends_like_zip(const Source& source) {
    return find_end(source).has_value();
}

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8 | static_cast<std::uint8_t>(bytes[offset + i]);
    }
    return value;
}

std::uint16_t little_endian_16(std::string_view bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(little_endian(bytes, offset, 2));
}

void refuse_zip(const std::string& what) {
    throw Broken(Fault::corrupt, "its zip directory is damaged: " + what,
                 "make the archive again with a current zip");
}

}  // namespace archive
