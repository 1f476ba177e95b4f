// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/rpm_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "backends/yum/big_endian.hpp"
#include "backends/yum/header_view.hpp"
#include "backends/yum/limit.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace yum {
namespace {

using namespace std::string_view_literals;

// https://rpm-software-management.github.io/rpm/manual/format_v4.html
constexpr std::size_t lead_size = 96;
constexpr std::string_view lead_magic = "\xED\xAB\xEE\xDB"sv;
constexpr std::string_view delta_magic = "drpm"sv;
constexpr std::string_view header_magic = "\x8E\xAD\xE8\x01\0\0\0\0"sv;

class Reader {
  public:
    explicit Reader(const archive::Source& file) : file_(file) {}

    /// Exactly `size` bytes; a shorter file is refused, with the name of the part that is cut.
    std::string take(std::size_t size, std::string_view part) {
        std::string bytes(size, '\0');
        const std::size_t got = fill(bytes.data(), size);
        if (got != size) {
            throw core::Refused(
                core::reason::package_corrupt,
                fmt::format("the file ends in the {}, after {} bytes", part, position_),
                "transfer the package again");
        }
        return bytes;
    }

    std::size_t fill(char* buffer, std::size_t size) {
        const std::size_t filled = file_.read_at(position_, buffer, size);
        hasher_.update(std::string_view(buffer, filled));
        position_ += filled;
        return filled;
    }

    /// Of everything that was read.
    core::Digest digest() { return hasher_.finish(); }

    std::uint64_t position() const { return position_; }
    std::uint64_t size() const { return file_.size(); }

  private:
    const archive::Source& file_;
    core::Hasher hasher_;
    std::uint64_t position_ = 0;
};

void check_lead(std::string_view lead) {
    if (lead.substr(0, 4) == delta_magic) {
        throw core::Refused(core::reason::package_unsupported, "this is a delta RPM",
                            "hand in the whole package");
    }
    if (lead.substr(0, 4) != lead_magic) {
        throw core::Refused(core::reason::package_corrupt,
                            "the file does not begin as an RPM does");
    }
    const auto major = static_cast<std::uint8_t>(lead[4]);
    const std::uint64_t signature_kind = big_endian(lead, 78, 2);
    if (major < 3 || major > 4 || signature_kind != 5) {
        throw core::Refused(
            core::reason::package_unsupported,
            fmt::format(
                "the package has format {} with signatures of kind {}; format 3 or 4 in the "
                "lead with kind 5 is read",
                major, signature_kind),
            "build the package with rpm 4");
    }
}

/// A header with its magic. Its size is judged by the counts before memory is taken for it.
std::string take_header(Reader& reader, const core::PackageLimits& limits, std::string_view what) {
    std::string bytes = reader.take(16, what);
    if (std::string_view(bytes).substr(0, 8) != header_magic) {
        throw core::Refused(core::reason::package_corrupt,
                            fmt::format("the {} does not begin as a header of RPM does", what));
    }
    const std::uint64_t left = reader.size() - std::min(reader.size(), reader.position());
    const std::uint64_t size = HeaderView::blob_size(std::string_view(bytes).substr(8), what);
    if (size - 8 > left) {
        throw core::Refused(core::reason::package_corrupt,
                            fmt::format("the {} claims {} bytes, the file ends before", what, size),
                            "transfer the package again");
    }
    if (size > limits.header_mb << 20) {
        refuse_limit("header_mb",
                     fmt::format("the {} has {} bytes; at most {} MiB are read", what, size,
                                 limits.header_mb),
                     "split the package");
    }
    bytes += reader.take(static_cast<std::size_t>(size - 8), what);
    return bytes;
}

/// The lead and the signature header, up to where the main header begins: at a multiple of 8 from
/// the signature header, which does so too.
std::string take_signature(Reader& reader, const core::PackageLimits& limits) {
    check_lead(reader.take(lead_size, "lead"));
    std::string signature = take_header(reader, limits, "signature header").substr(8);
    reader.take((8 - signature.size() % 8) % 8, "signature header");
    return signature;
}

core::Digest hash_rest(Reader& reader) {
    core::Hasher hasher;
    const std::uint64_t left = reader.size() - std::min(reader.size(), reader.position());
    std::string buffer(std::clamp<std::uint64_t>(left, 1, 256u << 10), '\0');
    while (const std::size_t got = reader.fill(buffer.data(), buffer.size())) {
        hasher.update(std::string_view(buffer).substr(0, got));
    }
    return hasher.finish();
}

}  // namespace

RpmFile read_rpm_file(const archive::Source& file, const core::PackageLimits& limits) {
    Reader reader(file);
    RpmFile rpm;
    rpm.size = reader.size();
    rpm.signature = take_signature(reader, limits);
    rpm.header_start = reader.position();
    rpm.header = take_header(reader, limits, "main header");
    rpm.header_end = reader.position();
    rpm.payload_digest = hash_rest(reader);
    rpm.digest = reader.digest();
    return rpm;
}

std::string main_header(core::File file) {
    const auto source = archive::Source::opened(std::move(file));
    Reader reader(source);
    take_signature(reader, core::no_package_limits);
    return take_header(reader, core::no_package_limits, "main header");
}

}  // namespace yum
