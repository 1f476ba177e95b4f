// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes of foreign yum repositories, compressed or not, and repomd.xml.
#include "backends/archive/reader.hpp"
#include "backends/bundle/xml.hpp"
#include "backends/yum/repomd.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    std::string text;
    const auto source = archive::Source::memory(bytes);
    if (!fuzz::is_taken([&] { text = archive::inflated(source, 4u << 20); })) return 0;
    bundle::XmlLimits limits;
    limits.bytes = 4u << 20;
    limits.text = 1u << 20;
    const bundle::XmlDocument document = bundle::parse_xml(text, "primary.xml", limits);
    fuzz::claim(core::has_errors(document.report) || document.roots.size() <= 1, "there is a root");
    if (document.sound()) {
        const std::string again = bundle::serialize(document.roots.front());
        fuzz::claim(
            bundle::parse_xml(again, "again", limits).sound() || again.size() > limits.bytes,
            "what is printed is XML again");
    }
    std::vector<yum::RepomdEntry> entries;
    const auto file = fuzz::file_of(text, "repomd.xml");
    fuzz::is_sound([&] { entries = yum::read_repomd(file); });
    for (const yum::RepomdEntry& entry : entries) {
        fuzz::claim(entry.href.starts_with("repodata/"), "an index is in repodata/");
        fuzz::claim(entry.href.find("..") == std::string::npos, "and not above it");
    }
    return 0;
}
