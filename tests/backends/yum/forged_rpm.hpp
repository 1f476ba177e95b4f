// SPDX-License-Identifier: GPL-3.0-or-later
// RPM files made tag by tag, for what rpmbuild would not build.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/yum/header_view.hpp"
#include "backends/yum/tags.hpp"
#include "core/model/digest.hpp"

namespace forged {

/// Big-endian, as headers store numbers.
inline std::string number(std::uint64_t value, std::size_t width = 4) {
    std::string bytes;
    for (std::size_t i = width; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

/// A header of tags in the order in which they are added.
class Header {
  public:
    Header& add(std::uint32_t tag, yum::TagType type, std::size_t count, const std::string& value) {
        const std::size_t alignment = type == yum::TagType::int32   ? 4
                                      : type == yum::TagType::int16 ? 2
                                                                    : 1;
        data_.resize((data_.size() + alignment - 1) / alignment * alignment);
        index_ += entry(tag, type, data_.size(), count);
        data_ += value;
        ++count_;
        return *this;
    }

    Header& text(std::uint32_t tag, const std::string& value) {
        return add(tag, yum::TagType::string, 1, value + '\0');
    }

    Header& texts(std::uint32_t tag, const std::vector<std::string>& values) {
        std::string bytes;
        for (const std::string& value : values) bytes += value + '\0';
        return add(tag, yum::TagType::strings, values.size(), bytes);
    }

    /// With magic, counts, and a region that seals it.
    std::string bytes(std::uint32_t region) const {
        const std::string trailer =
            number(region) + number(7) + number(0u - 16 * (count_ + 1)) + number(16);
        return std::string("\x8E\xAD\xE8\x01\0\0\0\0", 8) + number(count_ + 1) +
               number(data_.size() + trailer.size()) +
               entry(region, yum::TagType::binary, data_.size(), 16) + index_ + data_ + trailer;
    }

  private:
    static std::string entry(std::uint32_t tag, yum::TagType type, std::size_t offset,
                             std::size_t count) {
        return number(tag) + number(static_cast<std::uint32_t>(type)) + number(offset) +
               number(count);
    }

    std::string index_;
    std::string data_;
    std::uint32_t count_ = 0;
};

/// The tags that every package has; `summary` is where texts are tried.
inline Header minimal(const std::string& summary = "s") {
    namespace tag = yum::tag;
    const std::string payload_digest = core::sha256("payload").hex();
    Header header;
    header.text(tag::name, "forged").text(tag::version, "1").text(tag::release, "1");
    header.text(tag::summary, summary)
        .text(tag::arch, "noarch")
        .text(tag::source_rpm, "forged.src.rpm");
    header.texts(tag::payload_digest, {payload_digest});
    header.add(tag::payload_digest_algorithm, yum::TagType::int32, 1, number(8));
    return header;
}

inline std::string package(const Header& header) {
    std::string lead = "\xED\xAB\xEE\xDB\x03";
    lead.resize(96);
    lead[79] = 5;
    Header signature;
    signature.text(1, "x");
    std::string bytes = lead + signature.bytes(62);
    bytes.resize((bytes.size() + 7) / 8 * 8);
    return bytes + header.bytes(63) + "payload";
}

}  // namespace forged
