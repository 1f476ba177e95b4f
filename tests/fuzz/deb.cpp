// SPDX-License-Identifier: GPL-3.0-or-later
// DEB packages; and control files alone. What is taken has an entry in Packages that another reader
// finds to be one paragraph, with our path, size and digest and nobody else's.
#include "backends/apt/control.hpp"
#include "backends/apt/fragment_check.hpp"
#include "backends/apt/package_reader.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/stanza.hpp"
#include "core/model/text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

void check(std::string_view stanza, const core::Package& package) {
    apt::ParagraphReader reader(
        stanza, [](int, const std::string& message) { return core::Refused("stanza", message); });
    std::size_t paragraphs = 0;
    while (const auto fields = reader.next()) {
        if (fields->empty()) continue;
        ++paragraphs;
        fuzz::claim(apt::value_of(*fields, "Package") == package.name, "its name");
        fuzz::claim(apt::value_of(*fields, "Filename") == package.path, "our path");
        fuzz::claim(apt::value_of(*fields, "SHA256") == package.digest.hex(), "our digest");
        fuzz::claim(apt::value_of(*fields, "Size") == std::to_string(package.size), "our size");
    }
    fuzz::claim(paragraphs == 1, "an entry is one paragraph");
}

void whole(std::string_view bytes) {
    const core::Digest digest = core::sha256(bytes);
    const auto file = fuzz::file_of(bytes, "package.deb");
    core::Inspection inspection;
    if (!fuzz::is_taken([&] {
            inspection = apt::DebReader().read(core::File::open_to_read(file), digest, {});
        }))
        return;
    const shards::Fragments& fragments = inspection.fragments;
    apt::check_fragments(fragments, inspection.package);
    fuzz::claim(fragments.size() == 2, "there are two entries");
    check(fragments.front(), inspection.package);
    std::string_view files = fragments.back();
    while (!files.empty()) {
        const std::string_view name = fuzz::take(files, '\n');
        fuzz::claim(!name.empty() && !core::has_control_characters(name, core::Text::line),
                    "a name of a file");
    }
}

void control_alone(std::string_view text) {
    core::Package package;
    std::string stanza;
    const bool taken = fuzz::is_taken([&] {
        const auto control = apt::parse_control(text);
        package = apt::describe_package(control);
        package.digest = core::sha256(text);
        package.size = text.size();
        stanza = apt::stanza(control, package);
    });
    if (!taken) return;
    check(stanza, package);
    std::size_t count = 1;
    // Relations are judged here, which is why it may say no.
    if (fuzz::is_sound([&] { count = apt::count_stanzas(stanza); })) {
        fuzz::claim(count == 1, "an entry is one stanza");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    if (bytes.starts_with("!<arch>")) {
        whole(bytes);
    } else {
        control_alone(bytes);
    }
    return 0;
}
