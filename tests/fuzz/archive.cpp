// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles: every container that is read. Whether members are read or passed over, the verdict on
// the archive is the same; of a zip, what nobody reads may be damaged.
#include "backends/archive/reader.hpp"
#include "backends/archive/sniff.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

archive::Options small(bool lzma) {
    archive::Options options;
    options.limits.members = 2000;
    options.limits.bytes = 16u << 20;
    options.limits.member_bytes = 8u << 20;
    options.limits.ratio_after = 1u << 20;
    options.lzma = lzma;
    return options;
}

void read_member(archive::Reader& reader, const archive::Member& member) {
    std::uint64_t bytes = 0;
    reader.read([&](std::string_view block) { bytes += block.size(); });
    fuzz::claim(bytes == member.size, "a member has as many bytes as it says");
}

void read_whole(std::string_view bytes, const archive::Options& options, bool contents) {
    archive::Reader reader(archive::Source::memory(bytes), options);
    std::uint64_t members = 0;
    while (const archive::Member* member = reader.next()) {
        fuzz::claim(++members <= options.limits.members, "no more members than allowed");
        fuzz::claim(member->name.size() <= options.limits.name_bytes, "no longer name either");
        fuzz::claim(member->size <= options.limits.member_bytes, "no larger member either");
        if (contents && member->type == archive::Type::regular) read_member(reader, *member);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    for (const bool lzma : {false, true}) {
        const archive::Options options = small(lzma);
        const bool read = fuzz::is_taken([&] { read_whole(bytes, options, true); });
        const bool skipped = fuzz::is_taken([&] { read_whole(bytes, options, false); });
        const bool zip = archive::kind_of(bytes) == archive::Kind::zip;
        fuzz::claim(read == skipped || (zip && !read), "read or passed over, it is judged alike");
    }
    return 0;
}
