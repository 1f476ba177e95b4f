// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes of foreign apt repositories, compressed or not: Packages as a stream, and Release.
#include "rt-bridge/fetch/apt_index.hpp"

#include "rt-bridge/fetch/reference.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    fetch::PackageList list({.bytes = 4u << 20, .packages = 1000, .files = 500});
    fuzz::is_taken([&] { fetch::read_packages(archive::Source::memory(bytes), "Packages", list); });
    fuzz::claim(list.files().size() <= 501, "no more files than are allowed");
    for (const auto& [path, expected] : list.files()) {
        fuzz::claim(fuzz::is_taken([&] { fetch::check_reference(path, "Packages"); }),
                    "each is below the repository");
    }
    fetch::AptRelease release;
    if (fuzz::is_taken([&] { release = fetch::parse_release(std::string(bytes), "Release"); })) {
        fuzz::is_taken([&] { fetch::parse_release_date(release.date, "Release"); });
    }
    return 0;
}
