// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/ar.hpp"

#include <utility>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

constexpr std::string_view magic = "!<arch>\n";
constexpr std::size_t header_size = 60;
constexpr std::size_t most_members = 32;  // a .deb has three; signers add one or two

core::Refused corrupt(const std::string& message) {
    return core::Refused(core::reason::package_corrupt, "not a sound .deb file: " + message);
}

std::string_view without_final_spaces(std::string_view text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

ArMember read_header(const archive::Source& source, std::uint64_t position) {
    const std::string header = source.text_at(position, header_size);
    if (header.size() < header_size) throw corrupt("it ends inside a member's header");
    const std::string_view text = header;
    if (text.substr(58) != "`\n") {
        throw corrupt("no member's header at byte " + std::to_string(position));
    }
    std::string_view name = without_final_spaces(text.substr(0, 16));
    if (name.ends_with('/')) name.remove_suffix(1);  // as GNU ar writes names
    const auto size = core::whole_number(without_final_spaces(text.substr(48, 10)));
    if (name.empty() || core::has_control_characters(name) || !size) {
        throw corrupt("a member's header at byte " + std::to_string(position) + " is damaged");
    }
    return {std::string(name), position + header_size, *size};
}

}  // namespace

ArReader::ArReader(archive::Source source) : source_(std::move(source)), position_(magic.size()) {
    if (source_.text_at(0, magic.size()) != magic) throw corrupt("it does not begin as one");
}

std::optional<ArMember> ArReader::next() {
    // Members begin at even positions; some writers leave out the last filler.
    if (last_ && last_->size % 2 != 0 && position_ < source_.size()) {
        if (source_.text_at(position_, 1) != "\n") {
            throw corrupt("the filler after " + core::escaped(last_->name) + " is damaged");
        }
        ++position_;
    }
    if (position_ >= source_.size()) return std::nullopt;
    if (++members_ > most_members) throw corrupt("it has too many members");
    last_ = read_header(source_, position_);
    if (last_->size > source_.size() - last_->offset) {
        throw corrupt("it ends inside its member " + core::escaped(last_->name));
    }
    position_ = last_->offset + last_->size;
    return last_;
}

}  // namespace apt
