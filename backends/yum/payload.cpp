// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/payload.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <vector>

#include "backends/archive/fault.hpp"
#include "backends/archive/inflater.hpp"
#include "backends/yum/cpio.hpp"
#include "backends/yum/file_digest.hpp"
#include "backends/yum/file_table.hpp"
#include "backends/yum/limit.hpp"
#include "backends/yum/package_rules.hpp"
#include "backends/yum/tags.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

[[noreturn]] void corrupt(const std::string& message) {
    throw core::Refused(core::reason::package_corrupt, message, "build the package with rpm 4");
}

[[noreturn]] void refuse_member(const std::string& path, const std::string& what) {
    corrupt(fmt::format("the payload {} \"{}\"", what, core::escaped(path.substr(0, 200))));
}

/// The payload is compressed as the header says. rpm takes gzip for granted, and reads what is not
/// compressed as it is.
void check_compression(const archive::Source& payload, const HeaderView& header) {
    using archive::Kind;
    const bool named = header.find(tag::payload_compressor) != nullptr;
    const std::string_view name = named ? header.text(tag::payload_compressor) : "gzip";
    const Kind kind = archive::kind_of(payload.text_at(0, archive::sniff_size));
    const bool plain = !archive::is_compressed(kind);
    const std::pair<std::string_view, Kind> known[] = {{"gzip", Kind::gzip},   {"xz", Kind::xz},
                                                       {"zstd", Kind::zstd},   {"lzma", Kind::lzma},
                                                       {"bzip2", Kind::bzip2}, {"none", kind}};
    const auto* const found = std::find_if(std::begin(known), std::end(known),
                                           [&](const auto& entry) { return entry.first == name; });
    if (found == std::end(known)) {
        throw core::Refused(core::reason::package_unsupported,
                            fmt::format("the payload is compressed with \"{}\", which is not read",
                                        core::escaped(name.substr(0, 40))),
                            "compress it with gzip, xz, zstd, bzip2 or lzma");
    }
    if (name == "none" ? !plain : kind != found->second && (named || !plain)) {
        corrupt(
            fmt::format("the header says that the payload is compressed with {}, but it "
                        "begins like {}",
                        name, archive::description(kind)));
    }
}

/// At most unpacked_mb, or unpacked_ratio times its own size if that is more.
std::uint64_t most_bytes(std::uint64_t packed, const core::PackageLimits& limits) {
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    const auto product = [](std::uint64_t a, std::uint64_t b) {
        return b != 0 && a > all / b ? all : a * b;
    };
    return std::max(product(limits.unpacked_mb, mebibyte), product(limits.unpacked_ratio, packed));
}

/// Why the archive's reader gave up, in the words of a package.
[[noreturn]] void translate(const archive::Broken& broken, const core::PackageLimits& limits) {
    using archive::Fault;
    if (broken.fault() == Fault::too_large) {
        refuse_limit("unpacked_mb",
                     fmt::format("more than {} MiB come out of the payload, and more than {} "
                                 "times its size",
                                 limits.unpacked_mb, limits.unpacked_ratio),
                     "split the package", "unpacked_ratio");
    }
    if (broken.fault() == Fault::dictionary) {
        refuse_limit("dictionary_mb", fmt::format("of the payload: {}", broken.what()),
                     broken.remedy());
    }
    throw core::Refused(core::reason::package_corrupt,
                        fmt::format("the payload cannot be unpacked: {}", broken.what()),
                        "build the package again, or transfer it again");
}

/// Compares the members one by one.
class Walk {
  public:
    explicit Walk(const FileTable& files) : files_(files), seen_(files.size()) {}

    void all(Cpio& cpio) {
        FileDigest digest(files_.digest_algorithm());
        Cpio::Member member;
        while (cpio.next(member)) one(cpio, member, digest);
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (!seen_[i] && !files_.ghost(i)) {
                refuse_member(files_.path(i), "lacks a file of the header,");
            }
        }
    }

  private:
    std::size_t file_of(const Cpio::Member& member) const {
        if (member.numbered) {
            if (member.number < files_.size()) return member.number;
            corrupt(fmt::format("the payload has file {} of {}", member.number, files_.size()));
        }
        const auto file = files_.find(member.name);
        if (!file) refuse_member(member.name, "has a file that the header has not,");
        return *file;
    }

    void one(Cpio& cpio, const Cpio::Member& member, FileDigest& digest) {
        const std::size_t file = file_of(member);
        if (seen_[file]) refuse_member(files_.path(file), "has one file twice,");
        seen_[file] = true;
        // rpm before 4.11 packed ghosts, and rpm skips them.
        if (files_.ghost(file)) {
            if (member.numbered) refuse_member(files_.path(file), "has a ghost,");
            cpio.read(member.size, [](std::string_view) {});
            return;
        }
        const std::uint64_t size = files_.payload_size(file);
        if (!member.numbered && member.mode != files_.mode(file)) {
            refuse_member(files_.path(file),
                          fmt::format("has the mode {:o} instead of the header's {:o} for",
                                      member.mode, files_.mode(file)));
        }
        if (!member.numbered && member.size != size) {
            refuse_member(files_.path(file),
                          fmt::format("has {} bytes instead of {} of", member.size, size));
        }
        if (files_.link(file)) {
            read_link(cpio, file);
        } else if (files_.whole(file)) {
            read_file(cpio, file, digest);
        }
    }

    void read_link(Cpio& cpio, std::size_t file) {
        std::string_view expected = files_.target(file);
        cpio.read(expected.size(), [&](std::string_view part) {
            if (!expected.starts_with(part)) {
                refuse_member(files_.path(file), "has another target of the link");
            }
            expected.remove_prefix(part.size());
        });
    }

    void read_file(Cpio& cpio, std::size_t file, FileDigest& digest) {
        const std::uint64_t size = files_.payload_size(file);
        cpio.read(size, [&](std::string_view part) { digest.update(part); });
        const std::string found = digest.finish();
        if (!FileDigest::same(files_.digest(file), found, size)) {
            refuse_member(files_.path(file), "has other bytes than the header's digest says of");
        }
    }

    const FileTable& files_;
    std::vector<bool> seen_;
};

}  // namespace

void check_payload(const archive::Source& payload, const HeaderView& header,
                   const core::PackageLimits& limits) {
    check_file_columns(header);
    const FileTable files(header);
    check_compression(payload, header);
    try {
        archive::Limits bounds;
        bounds.dictionary = limits.dictionary_mb * mebibyte;
        bounds.bytes = most_bytes(payload.size(), limits);
        bounds.ratio = std::numeric_limits<std::uint64_t>::max();
        archive::Inflater inflater(payload, bounds, true);
        Cpio cpio([&] { return inflater.ended() ? std::string_view() : inflater.next_block(); });
        Walk(files).all(cpio);
    } catch (const archive::Broken& broken) {
        translate(broken, limits);
    }
}

}  // namespace yum
