// SPDX-License-Identifier: GPL-3.0-or-later
// The whole report on each fixture, word by word, as a provider reads it, and what was understood.
// ACCEPT_GOLDEN=1 writes the reports anew; such a run is skipped, never passed.
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "backends/bundle/descriptor.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path descriptors = fs::path(FIXTURES) / "descriptors";
const fs::path golden = fs::path(FIXTURES) / "golden" / "descriptors";

/// "clean/a.xml" …, sorted.
std::vector<std::string> fixture_names() {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(descriptors)) {
        if (!entry.is_regular_file()) continue;
        names.insert(fs::relative(entry.path(), descriptors).generic_string());
    }
    return {names.begin(), names.end()};
}

void say(std::string& text, std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", name, core::escaped(value));
}

std::string transcript(const bundle::ParsedDescriptor& parsed) {
    std::string text;
    for (const core::Problem& problem : parsed.report) text += core::describe(problem) + "\n";
    const core::Descriptor& d = parsed.descriptor;
    text += "--\n";
    say(text, "revision", d.revision);
    say(text, "product", d.product);
    say(text, "version", d.version);
    say(text, "provider", d.provider);
    say(text, "contact", d.contact);
    say(text, "description", d.description);
    say(text, "date", d.date);
    say(text, "release notes", d.release_notes);
    say(text, "change log", d.change_log);
    say(text, "sync",
        core::join({d.sync_protocol, d.sync_url}, " ") == " "
            ? ""
            : core::join({d.sync_protocol, d.sync_url}, " "));
    say(text, "links", core::join(d.documentation_links, " "));
    say(text, "platforms", core::join(d.platforms, " "));
    say(text, "architectures", core::join(d.architectures, " "));
    if (d.emergency) text += "emergency\n";
    if (d.incremental) text += "incremental\n";
    if (d.dry_run) text += "dry run\n";
    if (d.lists_packages) text += "lists packages\n";
    for (const core::ListedPackage& p : d.packages) {
        text += core::escaped(fmt::format("package {}: {} | {} | {} | {} | {} | {} | {}", p.line,
                                          p.name, p.version, p.release, p.architecture, p.platform,
                                          p.file_name, p.url)) +
                "\n";
    }
    for (const core::DescriptorField& field : d.fields) {
        text += core::escaped(fmt::format("{} = {}", field.path, field.value)) + "\n";
    }
    return text;
}

class DescriptorReport : public testing::TestWithParam<std::string> {};

TEST_P(DescriptorReport, IsAsAccepted) {
    const auto parsed = bundle::parse_descriptor(core::read_file(descriptors / GetParam()),
                                                 fs::path(GetParam()).filename().string());
    std::string name = GetParam();
    for (char& c : name) c = c == '/' ? '-' : c;
    const fs::path file = golden / (name + ".txt");
    if (std::getenv("ACCEPT_GOLDEN")) {
        core::make_directories(golden);
        core::write_file(file, transcript(parsed));
        GTEST_SKIP() << "accepted " << file;
    }
    ASSERT_TRUE(fs::exists(file)) << file << " is missing: run with ACCEPT_GOLDEN=1, and read it";
    EXPECT_EQ(transcript(parsed), core::read_file(file));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DescriptorReport, testing::ValuesIn(fixture_names()),
                         [](const auto& each) {
                             std::string name = each.param;
                             for (char& c : name) {
                                 if (c == '/' || c == '.' || c == '-') c = '_';
                             }
                             return name;
                         });

TEST(DescriptorReports, HaveNoFileThatNoFixtureMakes) {
    std::set<std::string> expected;
    for (std::string name : fixture_names()) {
        for (char& c : name) c = c == '/' ? '-' : c;
        expected.insert(name + ".txt");
    }
    for (const auto& entry : fs::directory_iterator(golden)) {
        EXPECT_TRUE(expected.contains(entry.path().filename().string())) << entry.path();
    }
}

}  // namespace
