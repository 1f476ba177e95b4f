// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/rendered_size.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "backends/yum/package_rules.hpp"
#include "backends/yum/tags.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

// What stands around a file, a relation and a change at least, and around all changes at most.
constexpr std::uint64_t around_file = std::string_view("    <file></file>\n").size();
constexpr std::uint64_t around_relation = std::string_view("      <rpm:entry name=\"\"/>\n").size();
constexpr std::uint64_t around_change =
    std::string_view("  <changelog author=\"\" date=\"-2147483648\"></changelog>\n").size();
constexpr std::uint64_t around_changes = 4096;

/// Bytes of a text between tags; in an attribute it has no less.
std::uint64_t text_size(std::string_view text) {
    std::uint64_t size = text.size();
    for (const char c : text) {
        if (c == '&') size += 4;
        if (c == '<' || c == '>') size += 3;
    }
    return size;
}

/// The most that a text of the change log has between tags, and in an attribute, where blanks and
/// what is not ASCII are written as references. What is no UTF-8 is read as Latin-1.
std::uint64_t most_between_tags(std::string_view text) {
    const bool is_latin1 = !core::valid_utf8(text);
    std::uint64_t size = 0;
    for (const char c : text) {
        const bool has_two_bytes = is_latin1 && static_cast<unsigned char>(c) >= 0x80;
        const bool is_markup = c == '&' || c == '<' || c == '>' || c == '\r';
        size += is_markup ? std::string_view("&amp;").size() : has_two_bytes ? 2 : 1;
    }
    return size;
}

std::uint64_t most_in_attribute(std::string_view text) {
    std::uint64_t size = 0;
    for (const char c : text) {
        const bool is_plain = c >= ' ' && c <= '~' && c != '&' && c != '<' && c != '>' && c != '"';
        size += is_plain ? 1 : std::string_view("&quot;").size();
    }
    return size;
}

int listed_changes(const HeaderView& header) {
    const HeaderEntry* texts = header.find(tag::changelog_text);
    return texts == nullptr ? 0 : std::min<int>(static_cast<int>(texts->count), changelog_limit);
}

std::uint64_t primary_size(const HeaderView& header) {
    std::uint64_t size = 0;
    for (const std::uint32_t tag :
         {tag::name, tag::version, tag::release, tag::summary, tag::description, tag::url,
          tag::packager, tag::vendor, tag::license, tag::group, tag::build_host, tag::source_rpm}) {
        size += text_size(header.text(tag));
    }
    for (const std::uint32_t tag : {tag::provide_name, tag::conflict_name, tag::obsolete_name}) {
        for (const std::string_view name : header.texts(tag)) {
            size += around_relation + text_size(name);
        }
    }
    return size;
}

std::uint64_t filelists_size(const HeaderView& header) {
    std::vector<std::uint64_t> directories;
    for (const std::string_view name : header.texts(tag::dir_names)) {
        directories.push_back(text_size(name));
    }
    const std::vector<std::uint64_t> places = header.numbers(tag::dir_indexes);
    const std::vector<std::string_view> names = header.texts(tag::base_names);
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        size += around_file + directories[places[i]] + text_size(names[i]);
    }
    return size;
}

}  // namespace

int published_changes(const HeaderView& header) {
    const std::vector<std::string_view> authors = header.texts(tag::changelog_name);
    const std::vector<std::string_view> texts = header.texts(tag::changelog_text);
    const int listed = listed_changes(header);
    std::uint64_t size = around_changes;
    for (int i = 0; i < listed; ++i) {
        const auto at = static_cast<std::size_t>(i);
        size += around_change + most_in_attribute(authors[at]) + most_between_tags(texts[at]);
        if (size > largest_other) return i;
    }
    return listed;
}

int cut_changes(const HeaderView& header) {
    return listed_changes(header) - published_changes(header);
}

void check_rendered(const HeaderView& header, const core::PackageLimits& limits) {
    core::check_index_size("its entry in primary", primary_size(header), limits.primary_mb,
                           "primary_mb");
    core::check_index_size("its entry in filelists", filelists_size(header), limits.filelists_mb,
                           "filelists_mb");
}

void check_rendered(const shards::Fragments& fragments, const core::PackageLimits& limits) {
    core::check_index_size("its entry in primary", fragments.at(0).size(), limits.primary_mb,
                           "primary_mb");
    core::check_index_size("its entry in filelists", fragments.at(1).size(), limits.filelists_mb,
                           "filelists_mb");
}

}  // namespace yum
