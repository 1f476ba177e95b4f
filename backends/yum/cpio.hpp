// SPDX-License-Identifier: GPL-3.0-or-later
// A payload: a cpio archive of the "new ASCII" forms 070701 and 070702, or of rpm's own form 07070X
// for large files, whose members are numbers of files in the header. Read in one pass.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace yum {

class Cpio {
  public:
    /// Gives the next bytes of the archive, none at its end. They stay valid until the next call.
    using Blocks = std::function<std::string_view()>;
    using Sink = std::function<void(std::string_view)>;

    struct Member {
        bool numbered = false;     // of rpm's own form: `number` is all that it says
        std::uint32_t number = 0;  // of the file in the header
        std::string name;
        std::uint32_t mode = 0;
        std::uint64_t size = 0;
        std::uint32_t links = 0;
    };

    explicit Cpio(Blocks blocks) : blocks_(std::move(blocks)) {}

    /// The next member; false at the trailer, after which there must be nothing but zeros. The
    /// bytes of the member before have been read. Throws Refused (package-corrupt).
    bool next(Member& member);

    /// The bytes of the current member, in blocks.
    void read(std::uint64_t size, const Sink& sink);

  private:
    std::string take(std::size_t size);
    std::string_view some(std::uint64_t most);
    void skip_padding();
    void check_rest();
    [[noreturn]] void corrupt(std::string_view what) const;

    Blocks blocks_;
    std::string_view block_;
    std::uint64_t position_ = 0;
};

}  // namespace yum
