// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/tar_audit.hpp"

#include <algorithm>
#include <limits>

#include "backends/archive/fault.hpp"
#include "core/model/text.hpp"

namespace archive {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::uint64_t extension_limit = 1 << 20;
// libarchive compares each entry of a list of access rights with all before it.
constexpr std::size_t rights_limit = 8 << 10;
// What eleven octal digits can say.
constexpr std::uint64_t ustar_size_limit = 1ull << 33;

[[noreturn]] void corrupt(const std::string& what, std::uint64_t position,
                          const char* remedy = "make the archive again with a current tar") {
    throw Broken(Fault::corrupt, what + " (at byte " + std::to_string(position) + " of the tar)",
                 remedy);
}

bool is_zero(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// Octal digits among spaces and zeros, or GNU's base 256.
std::optional<std::uint64_t> number(std::string_view field) {
    const auto first = static_cast<std::uint8_t>(field.front());
    if (first & 0x80) {
        std::uint64_t value = first & 0x3f;
        if (first & 0x40) return std::nullopt;  // negative
        for (const char c : field.substr(1)) {
            if (value >> 56 != 0) return std::nullopt;
            value = value << 8 | static_cast<std::uint8_t>(c);
        }
        return value;
    }
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    std::uint64_t value = 0;
    while (!field.empty() && field.front() >= '0' && field.front() <= '7') {
        value = value * 8 + static_cast<std::uint64_t>(field.front() - '0');
        field.remove_prefix(1);
    }
    const bool blank = field.find_first_not_of(std::string_view(" \0", 2)) == field.npos;
    return blank ? std::optional(value) : std::nullopt;
}

/// Calls `visit(key, value)` for each "LENGTH KEY=VALUE\n"; false if it is no list of those.
template <typename Visit>
bool each_pax_record(std::string_view text, const Visit& visit) {
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        if (space == text.npos) return false;
        const auto length = core::whole_number(text.substr(0, space));
        if (!length || *length > text.size() || *length < space + 3) return false;
        const std::string_view record = text.substr(space + 1, *length - space - 1);
        const std::size_t equals = record.find('=');
        if (record.back() != '\n' || equals == record.npos || equals == 0) return false;
        visit(record.substr(0, equals), record.substr(equals + 1, record.size() - equals - 2));
        text.remove_prefix(*length);
    }
    return true;
}

/// A number as dpkg reads it; it knows no other base 256 than this. At most `most`.
bool is_number_of_dpkg(std::string_view field, std::uint64_t most) {
    const auto first = static_cast<std::uint8_t>(field.front());
    if ((first & 0x80) != 0 && first != 0x80) return false;
    if (field.find_first_not_of(' ') == field.npos) return false;
    const auto value = number(field);
    return value && *value <= most;
}

struct NumberField {
    std::string_view name;
    std::size_t position;
    std::size_t size;
    std::uint64_t most;
    bool devices_only;
};
constexpr std::uint64_t most_in_32_bits = 0xffff'ffff;
constexpr std::uint64_t most_in_63_bits = ~0ull >> 1;
constexpr NumberField number_fields[] = {
    {"mode", 100, 8, most_in_32_bits, false},
    {"uid", 108, 8, most_in_32_bits, false},
    {"gid", 116, 8, most_in_32_bits, false},
    {"size", 124, 12, most_in_63_bits, false},
    {"mtime", 136, 12, most_in_63_bits, false},
    {"checksum", 148, 8, most_in_32_bits, false},
    {"device number", 329, 8, most_in_32_bits, true},
    {"device number", 337, 8, most_in_32_bits, true},
};

}  // namespace

void TarAudit::check_as_dpkg(std::string_view header) const {
    const char type = header[156];
    if (type == 'x' || type == 'g') {
        corrupt("it has pax headers, which dpkg does not read", position_,
                "Make it with tar --format=gnu, as dpkg-deb does.");
    }
    if (type == '7') corrupt("it has a member of type 7, which dpkg does not read", position_);
    for (const NumberField& field : number_fields) {
        if (field.devices_only && type != '3' && type != '4') continue;
        if (!is_number_of_dpkg(header.substr(field.position, field.size), field.most)) {
            corrupt("a member's " + std::string(field.name) + " is no number to dpkg", position_);
        }
    }
    // The prefix of a name counts in one of them only, and other spellings are read in two ways.
    const std::string_view magic = header.substr(257, 8);
    if (magic.starts_with("ustar") && !magic.starts_with(std::string_view("ustar\0", 6)) &&
        magic != std::string_view("ustar  \0", 8)) {
        corrupt("a member's header is of no known form", position_);
    }
}

void TarAudit::see(std::string_view bytes) {
    if (!partial_.empty()) {
        const std::size_t missing = std::min(block_size - partial_.size(), bytes.size());
        partial_ += bytes.substr(0, missing);
        bytes.remove_prefix(missing);
        if (partial_.size() < block_size) return;
        see_block(partial_);
        partial_.clear();
    }
    while (bytes.size() >= block_size) {
        if (state_ == State::content) {
            const auto blocks = std::min<std::uint64_t>(remaining_, bytes.size() / block_size);
            bytes.remove_prefix(static_cast<std::size_t>(blocks) * block_size);
            position_ += blocks * block_size;
            remaining_ -= blocks;
            if (remaining_ == 0) state_ = State::header;
            continue;
        }
        see_block(bytes.substr(0, block_size));
        bytes.remove_prefix(block_size);
    }
    partial_ = bytes;
}

void TarAudit::see_block(std::string_view block) {
    switch (state_) {
        case State::header:
            see_header(block);
            break;
        case State::extension:
            extension_ += block;
            if (--remaining_ == 0) end_extension();
            break;
        case State::content:
            if (--remaining_ == 0) state_ = State::header;
            break;
        case State::ended:
            see_end(block);
            break;
        case State::lost:
            break;
    }
    position_ += block_size;
}

void TarAudit::see_header(std::string_view header) {
    if (is_zero(header)) {
        if (start_) corrupt("an extended header has no member", position_);
        state_ = State::ended;
        end_blocks_ = 1;
        return;
    }
    const auto stated = number(header.substr(124, 12));
    if (!stated) corrupt("a member's size is no number", position_);
    const char type = header[156];
    if (dpkg_) check_as_dpkg(header);
    if (!start_) start_ = position_;
    if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
        begin_extension(type, *stated);
    } else {
        begin_member(type, *stated);
    }
}

void TarAudit::begin_extension(char type, std::uint64_t size) {
    bool& seen = type == 'L' ? long_name_ : type == 'K' ? long_link_ : pax_;
    if (type != 'g' && seen) corrupt("a member has two extended headers of one kind", position_);
    if (type != 'g') seen = true;
    if (size == 0 || size > extension_limit) {
        corrupt("an extended header has " + std::to_string(size) + " bytes", position_);
    }
    limits_.check_names(names_ += size);
    extension_type_ = type;
    extension_size_ = size;
    extension_.clear();
    skip(size, State::extension);
}

void TarAudit::end_extension() {
    state_ = State::header;
    const std::string_view text = std::string_view(extension_).substr(0, extension_size_);
    if (extension_type_ == 'L' || extension_type_ == 'K') {
        const std::size_t end = std::min(text.find('\0'), text.size());
        if (!is_zero(text.substr(end))) corrupt("a long name goes on after its end", position_);
        // dpkg before 1.22 reads on to wherever a NUL is.
        if (dpkg_ && end == text.size()) corrupt("a long name has no end", position_);
        return;
    }
    const auto visit = [&](std::string_view key, std::string_view value) {
        if (key.starts_with("GNU.sparse.") || key.starts_with("SCHILY.realsize")) sparse_ = true;
        if (key.starts_with("SCHILY.acl.") && value.size() > rights_limit) {
            corrupt("a list of access rights has " + std::to_string(value.size()) + " bytes",
                    position_);
        }
        const bool name = key == "path" || key == "linkpath";
        // Some readers give it to each member, some to none.
        if (name && extension_type_ == 'g') {
            corrupt("a global header names all members", position_);
        }
        if (name && value.find('\0') != value.npos) corrupt("there is a NUL in a name", position_);
        if (key != "size") return;
        const auto size = core::whole_number(value);
        if (!size || pax_size_ || extension_type_ == 'g') {
            corrupt("an extended header states a size in a way that is not allowed", position_);
        }
        pax_size_ = size;
    };
    if (!each_pax_record(text, visit)) corrupt("an extended header is damaged", position_);
}

void TarAudit::begin_member(char type, std::uint64_t stated) {
    if (pax_size_ && *pax_size_ != stated && *pax_size_ < ustar_size_limit) {
        corrupt("a member has two sizes, " + std::to_string(*pax_size_) + " and " +
                    std::to_string(stated),
                position_);
    }
    Record record{*start_, type == '\0' ? '0' : type, pax_size_.value_or(stated), sparse_};
    if (record.size >> 62 != 0) {
        throw Broken(Fault::too_large, "a member claims " + std::to_string(record.size) + " bytes");
    }
    const bool regular = record.type == '0' || record.type == '7';
    const bool bare = record.type >= '1' && record.type <= '6';
    if (bare && record.size != 0) {
        corrupt("a member that is no file has content", position_);
    }
    start_.reset();
    pax_size_.reset();
    long_name_ = long_link_ = pax_ = sparse_ = false;
    state_ = State::header;
    if (!regular && !bare) {
        state_ = State::lost;
    } else if (record.size > 0) {
        skip(record.size, State::content);
    }
    records_.push_back(record);
}

void TarAudit::skip(std::uint64_t size, State state) {
    remaining_ = size / block_size + (size % block_size != 0 ? 1 : 0);
    state_ = state;
}

void TarAudit::see_end(std::string_view block) {
    if (!is_zero(block)) {
        throw Broken(Fault::trailing,
                     "there is data after the end of the tar, at byte " + std::to_string(position_),
                     "hand in one archive alone");
    }
    ++end_blocks_;
}

std::optional<TarAudit::Record> TarAudit::take() {
    if (records_.empty()) return std::nullopt;
    const Record record = records_.front();
    records_.pop_front();
    return record;
}

void TarAudit::finish() const {
    if (state_ == State::lost) {
        throw Broken(Fault::unknown, "it holds a member of a kind that is not read");
    }
    if (state_ == State::ended && !is_zero(partial_)) {
        throw Broken(Fault::trailing, "there is data after the end of the tar",
                     "hand in one archive alone");
    }
    // POSIX wants two blocks of zeros. Without them nothing tells an archive from the first part of
    // one that was cut between two members.
    if (state_ != State::ended || end_blocks_ < 2) {
        throw Broken(Fault::truncated, "its end is missing: it is cut short",
                     "make or transfer the file again");
    }
}

}  // namespace archive
