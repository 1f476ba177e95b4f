// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/xz.hpp"

#include "backends/archive/xz_writer.hpp"
#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"

namespace apt {
core::File write_xz(const std::filesystem::path& gzip, std::uint64_t size,
                    const std::filesystem::path& to) {
    core::File output = core::File::create(to);
    archive::XzWriter encoder;
    core::with_context(to.string(), [&] {
        const bool whole = shards::open_members(
            core::read_file(gzip), size,
            [&](std::string_view text) { encoder.encode(text, false, output); });
        if (!whole) throw core::Error("cannot open " + gzip.string());
        encoder.encode({}, true, output);
    });
    return output;
}

}  // namespace apt
