// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes of foreign apt repositories, compressed or not: Packages and Release.
#include "backends/apt/deb822.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/release_file.hpp"
#include "backends/archive/reader.hpp"
#include "rt-bridge/fetch/reference.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

/// How many; what their Filename may be.
std::size_t paragraphs_of(std::string_view text) {
    apt::ParagraphReader reader(text, [](int line, const std::string& message) {
        fuzz::claim(line > 0, "a fault has a line");
        return core::Refused("paragraph", message);
    });
    std::size_t count = 0;
    while (const auto fields = reader.next()) {
        if (fields->empty()) continue;
        ++count;
        const std::string_view name = apt::value_of(*fields, "Filename");
        if (!fuzz::is_taken([&] { fetch::check_reference(name, "Packages"); })) continue;
        fuzz::claim(!name.empty() && name.front() != '/', "a reference is relative");
        fuzz::claim(("/" + std::string(name) + "/").find("/../") == std::string::npos, "and below");
    }
    return count;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto source = archive::Source::memory(fuzz::text_of(data, size));
    std::string text;
    if (!fuzz::is_taken([&] { text = archive::inflated(source, 4u << 20); })) return 0;
    std::size_t paragraphs = 0;
    const bool readable = fuzz::is_taken([&] { paragraphs = paragraphs_of(text); });
    std::size_t stanzas = 0;
    const bool strict = fuzz::is_sound([&] { stanzas = apt::count_stanzas(text); });
    if (readable && strict) {
        fuzz::claim(stanzas == paragraphs, "two readers see as many packages");
    }
    fuzz::is_sound([&] { apt::parse_release(text); });
    return 0;
}
