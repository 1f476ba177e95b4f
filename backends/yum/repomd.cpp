// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/repomd.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <mutex>
#include <string_view>

#include "backends/yum/createrepo.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace yum {
namespace {

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

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

RepomdEntry entry_of(const cr_RepomdRecord& record) {
    RepomdEntry entry;
    entry.type = text_of(record.type);
    entry.href = text_of(record.location_href);
    if (record.location_base != nullptr || !safe_href(entry.href)) {
        throw core::Error(
            fmt::format("it names \"{}\", which is not in repodata/", core::escaped(entry.href)));
    }
    if (text_of(record.checksum_type) != "sha256" || record.size < 0) {
        throw core::Error(fmt::format("{} has no size or no SHA-256", entry.href));
    }
    entry.digest = core::Digest::parse(text_of(record.checksum));
    entry.size = static_cast<std::uint64_t>(record.size);
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
    static std::once_flag
        once;  // libxml2 sets itself up under no lock if it is asked to parse first
    std::call_once(once, cr_xml_dump_init);
    const RepomdHandle repomd(cr_repomd_new());
    GError* error = nullptr;
    const int status = cr_xml_parse_repomd(file.c_str(), repomd.get(), nullptr, nullptr, &error);
    const ErrorHandle failure(error);
    if (status != CRE_OK || failure) {
        throw core::Error("it is not a repomd.xml: " +
                          (failure ? core::escaped(failure->message) : std::string("no reason")));
    }
    std::vector<RepomdEntry> entries;
    for (const GSList* item = repomd->records; item != nullptr; item = item->next) {
        entries.push_back(entry_of(*static_cast<const cr_RepomdRecord*>(item->data)));
    }
    for (const char* type : {"primary", "filelists", "other"}) {
        const auto found = std::find_if(entries.begin(), entries.end(),
                                        [&](const RepomdEntry& e) { return e.type == type; });
        if (found == entries.end()) throw core::Error(fmt::format("it names no {} index", type));
    }
    return entries;
}

}  // namespace yum
