// SPDX-License-Identifier: GPL-3.0-or-later
// A bounded, streaming reader of hostile archives: tar (ustar, pax, GNU), plain or compressed once
// with gzip, xz, zstd or bzip2, and zip. Nothing is ever unpacked: members are named and their
// bytes are handed on. Everything else libarchive could read stays off.
//
// Each archive is read to its proven end: a cut or damaged one, one with bytes after its end, and
// one whose parts contradict each other throw Broken (fault.hpp), at the latest when next() would
// have said that there are no more members. Until then what was read is provisional.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "backends/archive/fault.hpp"
#include "backends/archive/source.hpp"

namespace archive {

enum class Type {
    regular,
    directory,
    symbolic_link,
    hard_link,
    character_device,
    block_device,
    fifo,
    socket,
    sparse,  // a file with holes
    other,   // parts of multi-volume archives, labels, dumps
};

/// "a symbolic link", for messages.
std::string_view description(Type type);

struct Member {
    std::string name;  // bytes as the archive has them
    Type type = Type::regular;
    std::uint64_t size = 0;  // of a regular file's content
    unsigned mode = 0;       // permission bits with set-id bits
    std::string link;        // target of a link
};

struct Limits {
    std::uint64_t members = 20'000;
    std::uint64_t names = 256ull << 20;        // bytes of all names, and of extended headers
    std::uint64_t bytes = 64ull << 30;         // out of the archive, headers included
    std::uint64_t member_bytes = 16ull << 30;  // of one member
    std::uint64_t ratio = 200;                 // of a zip bomb: bytes out per byte in …
    std::uint64_t ratio_after = 64ull << 20;   // … once so many came out
    std::size_t name_bytes = 4096;             // also of a link's target
    std::uint64_t bzip2_work = 1;              // a byte out of it counts so many times in the ratio
    bool bundle_settings = false;  // they are those of [bundle.limits]; remedies name them
    std::uint64_t dictionary = 128ull << 20;  // memory that its compressor asks for

    /// Throws Broken for what is too large or a zip bomb, by how many bytes came out of how many.
    /// `work`: a byte out counts so many times in the ratio, as it takes so much longer.
    void check_output(std::uint64_t produced, std::uint64_t consumed, std::uint64_t work = 1) const;

    /// Throws Broken if there are more than `members`, or more bytes in names than `names`.
    void check_count(std::uint64_t found) const;
    void check_names(std::uint64_t found) const;

    /// Throws Broken if a member is too large.
    void check_member(const std::string& name, std::uint64_t size) const;

  private:
    std::string remedy(std::string_view setting) const;
};

struct Options {
    Limits limits;
    bool zip = true;      // else only tar
    bool lzma = false;    // .tar.lzma, which only old Debian packages have
    bool single = false;  // one compressed stream: dpkg reads no second one
    bool dpkg = false;  // what dpkg's own reader of tar does not take is refused: pax headers, …
};

/// Has libraries load what they need from files, before a process closes itself in.
void prepare();

class Reader {
  public:
    explicit Reader(Source source, Options options = {});
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    /// The next member, valid until the following call; null after the last one, when the whole
    /// archive has proved to be sound. What was not read of the member before is skipped.
    const Member* next();

    using Sink = std::function<void(std::string_view)>;

    /// Hands the current member's bytes to `sink`, in blocks, once. Only for regular files.
    void read(const Sink& sink);

    /// The current member's bytes; Broken (too_large) if there are more than `limit`.
    std::string read_all(std::uint64_t limit);

    class Container;  // tar or zip

  private:
    std::unique_ptr<Container> container_;
};

/// Hands on a single file, decompressed if it is compressed with gzip, xz, zstd or bzip2, in
/// blocks. Throws Broken.
void inflate(const Source& source, const Limits& limits, const Reader::Sink& sink);

/// Its first bytes, at most `size`; the rest is not looked at.
std::string inflated_head(const Source& source, std::size_t size);

}  // namespace archive
