// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <initializer_list>

#include "backends/yum/header_tables.hpp"
#include "backends/yum/limit.hpp"
#include "backends/yum/package_rules.hpp"
#include "core/model/error.hpp"
#include "core/model/package.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

constexpr std::size_t max_paths = 64u << 20;

[[noreturn]] void corrupt(const std::string& message) {
    throw core::Refused(core::reason::package_corrupt, message, "build the package with rpm 4");
}

void check_scalar(const HeaderView& header, const Scalar& scalar) {
    const HeaderEntry* entry = header.find(scalar.tag);
    if (entry == nullptr) {
        if (scalar.mandatory) corrupt(fmt::format("the package has no {}", scalar.name));
        return;
    }
    // A translated tag without translations may be stored as a plain string.
    const bool plain = scalar.type == TagType::translated && entry->type == TagType::string;
    if (entry->type != scalar.type && !plain) {
        corrupt(fmt::format("{} is not of the type that RPM gives it", scalar.name));
    }
    if (entry->count != 1 && scalar.type != TagType::translated) {
        corrupt(fmt::format("{} has {} values instead of one", scalar.name, entry->count));
    }
}

struct Column {
    std::uint32_t tag;
    TagType type;
};

/// Lists that belong together: their counts are equal, or none of them is there.
void check_columns(const HeaderView& header, const char* name,
                   std::initializer_list<Column> columns) {
    const HeaderEntry* first = header.find(columns.begin()->tag);
    for (const Column& column : columns) {
        const HeaderEntry* entry = header.find(column.tag);
        if ((entry == nullptr) != (first == nullptr)) {
            corrupt(fmt::format("one of the lists of {} is missing", name));
        }
        if (entry == nullptr) continue;
        if (entry->type != column.type) {
            corrupt(fmt::format("{} are not of the type that RPM gives them", name));
        }
        if (entry->count != first->count) {
            corrupt(fmt::format("the lists of {} have {} and {} values", name, first->count,
                                entry->count));
        }
    }
}

/// "[epoch:]version[-release]". libcreaterepo_c drops the relation with a warning if the epoch is
/// no number.
void check_relation_versions(const HeaderView& header, const Relation& relation) {
    for (const std::string_view text : header.texts(relation.versions)) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view epoch = text.substr(0, colon);
        if (!core::is_epoch(epoch)) {
            corrupt(fmt::format("{} has a version with the epoch \"{}\"", relation.name,
                                core::escaped(epoch.substr(0, 40))));
        }
    }
}

/// Every value of a list costs memory in each library that follows, however short it is.
void check_counts(const HeaderView& header, const core::PackageLimits& limits) {
    for (const HeaderEntry& entry : header.entries()) {
        if (entry.type == TagType::binary || entry.count <= limits.files) continue;
        const bool files = entry.tag == tag::base_names;
        refuse_limit(
            "files",
            fmt::format("{} {} values; at most {} are read",
                        files ? "the list of files has" : fmt::format("tag {} has", entry.tag),
                        entry.count, limits.files),
            "split the package");
    }
    std::uint64_t dependencies = 0;
    for (const Relation& relation : relations) {
        const HeaderEntry* entry = header.find(relation.names);
        if (entry != nullptr) dependencies += entry->count;
    }
    if (dependencies > limits.dependencies) {
        refuse_limit("dependencies",
                     fmt::format("it has {} dependencies (Requires, Provides and the like); at "
                                 "most {} are read",
                                 dependencies, limits.dependencies),
                     "split the package");
    }
}

/// Paths are stored as directory and base name, but published whole: a long directory with many
/// files in it is a small header and an endless index.
void check_paths(const HeaderView& header) {
    const std::vector<std::string_view> directories = header.texts(tag::dir_names);
    const std::vector<std::uint64_t> indexes = header.numbers(tag::dir_indexes);
    const std::vector<std::string_view> names = header.texts(tag::base_names);
    std::size_t total = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        total += directories[indexes[i]].size() + names[i].size();
        if (total > max_paths) {
            throw core::Refused(
                core::reason::package_limit,
                fmt::format("the paths of the files have more than {} bytes", max_paths),
                "split the package");
        }
    }
}

void check_directories(const HeaderView& header) {
    const HeaderEntry* directories = header.find(tag::dir_names);
    if (directories != nullptr && directories->type != TagType::strings) {
        corrupt("the directory names are not of the type that RPM gives them");
    }
    const std::uint32_t count = directories == nullptr ? 0 : directories->count;
    for (const std::uint64_t index : header.numbers(tag::dir_indexes)) {
        if (index >= count) corrupt(fmt::format("a file names directory {} of {}", index, count));
    }
}

}  // namespace

void check_shape(const HeaderView& header, const core::PackageLimits& limits) {
    if (!header.sealed_by(tag::region) || header.find(tag::old_file_names) != nullptr) {
        throw core::Refused(core::reason::package_unsupported,
                            "the header has the form of RPM 3 or was added to later",
                            "build the package with rpm 4");
    }
    check_counts(header, limits);
    for (const Scalar& scalar : scalars) check_scalar(header, scalar);
    for (const Relation& relation : relations) {
        check_columns(header, relation.name,
                      {{relation.names, TagType::strings},
                       {relation.flags, TagType::int32},
                       {relation.versions, TagType::strings}});
        check_relation_versions(header, relation);
    }
    check_columns(header, "the change log",
                  {{tag::changelog_time, TagType::int32},
                   {tag::changelog_name, TagType::strings},
                   {tag::changelog_text, TagType::strings}});
    check_columns(header, "the files",
                  {{tag::base_names, TagType::strings},
                   {tag::dir_indexes, TagType::int32},
                   {tag::file_flags, TagType::int32},
                   {tag::file_modes, TagType::int16}});
    check_directories(header);
    check_paths(header);
    const std::string_view format = header.text(tag::payload_format);
    if (format == "drpm") {
        throw core::Refused(core::reason::package_unsupported, "this is a delta RPM",
                            "hand in the whole package");
    }
    if (!format.empty() && format != "cpio") {
        throw core::Refused(core::reason::package_unsupported,
                            fmt::format("the payload has the format \"{}\" instead of cpio",
                                        core::escaped(format.substr(0, 40))),
                            "build the package with rpm 4");
    }
}

void check_file_columns(const HeaderView& header) {
    const bool large = header.find(tag::long_file_sizes) != nullptr;
    check_columns(header, "the files",
                  {{tag::base_names, TagType::strings},
                   large ? Column{tag::long_file_sizes, TagType::int64}
                         : Column{tag::file_sizes, TagType::int32},
                   {tag::file_digests, TagType::strings},
                   {tag::file_link_targets, TagType::strings},
                   {tag::file_users, TagType::strings},
                   {tag::file_groups, TagType::strings}});
    if (large && header.find(tag::file_sizes) != nullptr)
        corrupt("its files have two lists of sizes");
    for (const std::uint32_t tag : {tag::file_devices, tag::file_inodes, tag::file_times}) {
        if (header.find(tag) == nullptr) continue;
        check_columns(header, "the files",
                      {{tag::base_names, TagType::strings}, {tag, TagType::int32}});
    }
}

}  // namespace yum
