// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes of foreign yum repositories, compressed or not: primary as a stream, and repomd.xml.
#include "rt-bridge/fetch/yum_index.hpp"

#include "rt-bridge/fetch/reference.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    fetch::PackageList list({.bytes = 4u << 20, .packages = 1000, .files = 500});
    fuzz::is_taken([&] { fetch::read_primary(archive::Source::memory(bytes), "primary", list); });
    fuzz::claim(list.files().size() <= 501, "no more files than are allowed");
    for (const auto& [path, expected] : list.files()) {
        fuzz::claim(fuzz::is_taken([&] { fetch::check_reference(path, "primary"); }),
                    "each is below the repository");
    }
    fuzz::is_taken([&] { fetch::parse_repomd(std::string(bytes), "repomd.xml"); });
    return 0;
}
