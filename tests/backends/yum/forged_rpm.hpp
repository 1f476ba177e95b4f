// SPDX-License-Identifier: GPL-3.0-or-later
// RPM files made tag by tag, for what rpmbuild would not build.
#pragma once

#include <cstdint>
#include <openssl/evp.h>
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
        const std::size_t alignment = type == yum::TagType::int64   ? 8
                                      : type == yum::TagType::int32 ? 4
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

/// A digest of OpenSSL's by its name, as bytes.
inline std::string hashed(const char* algorithm, const std::string& bytes) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    std::size_t size = 0;
    EVP_Q_digest(nullptr, algorithm, nullptr, bytes.data(), bytes.size(),
                 reinterpret_cast<unsigned char*>(digest.data()), &size);
    digest.resize(size);
    return digest;
}

inline std::string hex(const std::string& bytes) {
    std::string digits;
    for (const char c : bytes) {
        constexpr char all[] = "0123456789abcdef";
        const auto byte = static_cast<std::uint8_t>(c);
        digits += {all[byte >> 4], all[byte & 15]};
    }
    return digits;
}

/// A file as header and payload have it.
struct File {
    std::string path;
    std::uint32_t mode = 0100644;
    std::string bytes = {};  // of a symbolic link: its target
    std::uint32_t flags = 0;
    std::uint32_t inode = 0;  // files of one are hard links
    std::uint32_t links = 1;
    std::uint64_t claimed = 0;  // the size that the header gives it, if not that of `bytes`
};

/// Eight hexadecimal digits.
inline std::string digits(std::uint64_t value) {
    return hex(number(value));
}

/// A member of a cpio archive; `size` is what its header says.
inline std::string member(const std::string& name, std::uint32_t mode, const std::string& bytes,
                          std::uint64_t size, std::uint32_t links = 1, std::uint32_t inode = 1) {
    const auto padded = [](std::string text) {
        text.resize((text.size() + 3) / 4 * 4);
        return text;
    };
    return padded("070701" + digits(inode) + digits(mode) + digits(0) + digits(0) + digits(links) +
                  digits(0) + digits(size) + digits(0) + digits(0) + digits(0) + digits(0) +
                  digits(name.size() + 1) + digits(0) + name + '\0') +
           padded(bytes);
}

inline std::string member(const File& file) {
    return member("." + file.path, file.mode, file.bytes, file.bytes.size(), file.links,
                  file.inode);
}

inline std::string trailer() {
    return member("TRAILER!!!", 0, "", 0);
}

inline std::string payload(const std::vector<File>& files) {
    std::string archive;
    for (const File& file : files) archive += member(file);
    return archive + trailer();
}

/// Everything that a header has of files.
inline Header& add_files(Header& header, const std::vector<File>& files) {
    namespace tag = yum::tag;
    using yum::TagType;
    std::string sizes, modes, flags, inodes, devices, indexes;
    std::vector<std::string> digests, targets, users, names, directories;
    for (const File& file : files) {
        const bool link = (file.mode & 0170000) == 0120000;
        const bool regular = (file.mode & 0170000) == 0100000;
        const std::size_t slash = file.path.rfind('/') + 1;
        sizes += number(file.claimed != 0 ? file.claimed : file.bytes.size());
        modes += number(file.mode, 2);
        flags += number(file.flags);
        inodes += number(file.inode);
        devices += number(1);
        indexes += number(directories.size());
        digests.push_back(regular ? core::sha256(file.bytes).hex() : "");
        targets.push_back(link ? file.bytes : "");
        users.emplace_back("root");
        names.push_back(file.path.substr(slash));
        directories.push_back(file.path.substr(0, slash));
    }
    const std::size_t count = files.size();
    header.add(tag::file_sizes, TagType::int32, count, sizes);
    header.add(tag::file_modes, TagType::int16, count, modes);
    header.texts(tag::file_digests, digests).texts(tag::file_link_targets, targets);
    header.add(tag::file_flags, TagType::int32, count, flags);
    header.texts(tag::file_users, users).texts(tag::file_groups, users);
    header.add(tag::file_devices, TagType::int32, count, devices);
    header.add(tag::file_inodes, TagType::int32, count, inodes);
    header.add(tag::dir_indexes, TagType::int32, count, indexes);
    header.texts(tag::base_names, names).texts(tag::dir_names, directories);
    return header.add(tag::file_digest_algorithm, TagType::int32, 1, number(8));
}

/// The tags that every package has; `summary` is where texts are tried.
inline Header minimal(const std::string& summary = "s", const std::string& payload = trailer()) {
    namespace tag = yum::tag;
    Header header;
    header.text(tag::name, "forged").text(tag::version, "1").text(tag::release, "1");
    header.text(tag::summary, summary)
        .text(tag::os, "linux")
        .text(tag::arch, "noarch")
        .text(tag::source_rpm, "forged.src.rpm");
    header.texts(tag::payload_digest, {core::sha256(payload).hex()});
    header.add(tag::payload_digest_algorithm, yum::TagType::int32, 1, number(8));
    return header;
}

/// The digest of the main header that rpm writes into the signature header.
inline Header signature(const Header& header) {
    return Header().text(yum::tag::sha256_header, core::sha256(header.bytes(63)).hex());
}

inline std::string package(const Header& header, const std::string& payload,
                           const Header& signature) {
    std::string lead = "\xED\xAB\xEE\xDB\x03";
    lead.resize(96);
    lead[79] = 5;
    std::string bytes = lead + signature.bytes(62);
    bytes.resize((bytes.size() + 7) / 8 * 8);
    return bytes + header.bytes(63) + payload;
}

inline std::string package(const Header& header, const std::string& payload = trailer()) {
    return package(header, payload, signature(header));
}

/// A sound package of these files, whose payload may be another.
inline std::string package_of(const std::vector<File>& files, const std::string& payload) {
    Header header = minimal("s", payload);
    if (!files.empty()) add_files(header, files);
    return package(header, payload);
}

inline std::string package_of(const std::vector<File>& files) {
    return package_of(files, payload(files));
}

}  // namespace forged
