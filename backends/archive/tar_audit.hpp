// SPDX-License-Identifier: GPL-3.0-or-later
// A second, stricter look at a tar stream while libarchive reads it: it follows the chain of
// headers by itself (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar's long names) and sees
// what libarchive hides: which type a member really has, that the end marker is there, what follows
// it, and headers that two readers could understand in two ways.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "backends/archive/reader.hpp"

namespace archive {

class TarAudit {
  public:
    struct Record {
        std::uint64_t position = 0;  // of the member's first header, extended ones included
        char type = '0';
        std::uint64_t size = 0;
        bool sparse = false;
    };

    /// `limits` must outlive this. `dpkg`: what dpkg's own reader would refuse, or read in another
    /// way, is refused too.
    explicit TarAudit(const Limits& limits, bool dpkg = false) : limits_(limits), dpkg_(dpkg) {}

    /// The stream's next bytes. Throws Broken.
    void see(std::string_view bytes);

    /// The record of the next member in order; nullopt if its header was not seen.
    std::optional<Record> take();

    /// After a member that only libarchive could follow, if at all.
    bool lost() const { return state_ == State::lost; }

    /// To be called when the whole stream was seen. Throws Broken unless it ended as it must.
    void finish() const;

  private:
    enum class State {
        header,
        extension,  // the content of an extended header
        content,
        ended,  // after the first block of zeros
        lost,   // after a member whose layout is not known
    };

    void see_block(std::string_view block);
    void see_header(std::string_view header);
    void see_end(std::string_view block);
    void check_as_dpkg(std::string_view header) const;
    void begin_extension(char type, std::uint64_t size);
    void end_extension();
    void begin_member(char type, std::uint64_t stated);
    void skip(std::uint64_t size, State state);

    const Limits& limits_;
    const bool dpkg_;
    State state_ = State::header;
    std::uint64_t names_ = 0;             // bytes of names and extended headers so far
    std::string partial_;                 // less than a block
    std::uint64_t position_ = 0;          // of the block being seen
    std::uint64_t remaining_ = 0;         // blocks of the content or extension
    std::optional<std::uint64_t> start_;  // where the headers of the coming member began
    char extension_type_ = 0;
    std::uint64_t extension_size_ = 0;
    std::string extension_;
    bool long_name_ = false;  // seen before the coming member
    bool long_link_ = false;
    bool pax_ = false;
    bool sparse_ = false;
    std::optional<std::uint64_t> pax_size_;
    std::uint64_t end_blocks_ = 0;
    std::deque<Record> records_;
};

}  // namespace archive
