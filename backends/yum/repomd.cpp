// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/repomd.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "backends/bundle/xml.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace yum {
namespace {

constexpr std::uint64_t max_repomd = 1u << 20;

std::string data_text(const RepomdEntry& entry, long long date) {
    std::string text = fmt::format("  <data type=\"{}\">\n", entry.type);
    text += fmt::format("    <checksum type=\"sha256\">{}</checksum>\n", entry.digest.hex());
    if (entry.open_digest) {
        text += fmt::format("    <open-checksum type=\"sha256\">{}</open-checksum>\n",
                            entry.open_digest->hex());
    }
    text += fmt::format("    <location href=\"{}\"/>\n", entry.href);
    text += fmt::format("    <timestamp>{}</timestamp>\n", date);
    text += fmt::format("    <size>{}</size>\n", entry.size);
    if (entry.open_digest) text += fmt::format("    <open-size>{}</open-size>\n", entry.open_size);
    return text + "  </data>\n";
}

/// Names of files of ours: one level below repodata/, no other characters than these.
bool safe_href(std::string_view href) {
    constexpr std::string_view directory = "repodata/";
    if (!href.starts_with(directory)) return false;
    href.remove_prefix(directory.size());
    return !href.empty() && href.front() != '.' &&
           std::all_of(href.begin(), href.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

std::string attribute_of(const bundle::Element* element, std::string_view name) {
    const std::string* value = element == nullptr ? nullptr : element->attribute(name);
    return value == nullptr ? std::string() : *value;
}

std::optional<std::uint64_t> number_of(const bundle::Element* element) {
    return element == nullptr ? std::nullopt : core::whole_number(element->text);
}

RepomdEntry entry_of(const bundle::Element& data) {
    RepomdEntry entry;
    entry.type = attribute_of(&data, "type");
    const bundle::Element* location = data.child("location");
    entry.href = attribute_of(location, "href");
    if (!safe_href(entry.href) || location->attribute("xml:base") != nullptr) {
        throw core::Error(
            fmt::format("it names \"{}\", which is not in repodata/", core::escaped(entry.href)));
    }
    const bundle::Element* checksum = data.child("checksum");
    const auto size = number_of(data.child("size"));
    if (attribute_of(checksum, "type") != "sha256" || !size) {
        throw core::Error(fmt::format("{} has no size or no SHA-256", entry.href));
    }
    entry.digest = core::Digest::parse(checksum->text);
    entry.size = *size;
    return entry;
}

}  // namespace

std::string repomd_text(const std::vector<RepomdEntry>& entries, std::uint64_t revision,
                        core::Time date) {
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" "
        "xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n";
    text += fmt::format("  <revision>{}</revision>\n", revision);
    const auto seconds = static_cast<long long>(date.time_since_epoch().count());
    for (const RepomdEntry& entry : entries) text += data_text(entry, seconds);
    return text + "</repomd>\n";
}

std::vector<RepomdEntry> read_repomd(const std::filesystem::path& file) {
    const bundle::XmlDocument document =
        bundle::parse_xml(core::read_file(file, max_repomd), "repomd.xml");
    for (const core::Problem& problem : document.report) {
        if (problem.severity == core::Severity::error) {
            throw core::Error(fmt::format("it is not a repomd.xml: line {}: {}", problem.line,
                                          core::escaped(problem.message)));
        }
    }
    if (!document.sound() || document.roots.front().name != "repomd") {
        throw core::Error("it is not a repomd.xml");
    }
    std::vector<RepomdEntry> entries;
    for (const bundle::Element& data : document.roots.front().children) {
        if (data.name == "data") entries.push_back(entry_of(data));
    }
    for (const char* type : {"primary", "filelists", "other"}) {
        const auto found = std::find_if(entries.begin(), entries.end(),
                                        [&](const RepomdEntry& e) { return e.type == type; });
        if (found == entries.end()) throw core::Error(fmt::format("it names no {} index", type));
    }
    return entries;
}

}  // namespace yum
