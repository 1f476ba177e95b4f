// SPDX-License-Identifier: GPL-3.0-or-later
// The tags that index fragments are made from, with the types and names that RPM gives them.
#pragma once

#include <array>
#include <cstdint>

#include "backends/yum/header_view.hpp"
#include "backends/yum/tags.hpp"

namespace yum {

/// Tags that hold one value each, and whether every package must have them.
struct Scalar {
    std::uint32_t tag;
    const char* name;
    TagType type;
    bool mandatory = false;
};
inline constexpr std::array scalars = {
    Scalar{tag::name, "Name", TagType::string, true},
    Scalar{tag::version, "Version", TagType::string, true},
    Scalar{tag::release, "Release", TagType::string, true},
    Scalar{tag::arch, "Arch", TagType::string, true},
    Scalar{tag::os, "OS", TagType::string},
    Scalar{tag::summary, "Summary", TagType::translated, true},
    Scalar{tag::description, "Description", TagType::translated},
    Scalar{tag::group, "Group", TagType::translated},
    Scalar{tag::build_host, "Build Host", TagType::string},
    Scalar{tag::vendor, "Vendor", TagType::string},
    Scalar{tag::license, "License", TagType::string},
    Scalar{tag::packager, "Packager", TagType::string},
    Scalar{tag::url, "URL", TagType::string},
    Scalar{tag::source_rpm, "Source RPM", TagType::string},
    Scalar{tag::payload_format, "Payload Format", TagType::string},
    Scalar{tag::epoch, "Epoch", TagType::int32},
    Scalar{tag::build_time, "Build Time", TagType::int32},
    Scalar{tag::size, "Size", TagType::int32},
    Scalar{tag::archive_size, "Archive Size", TagType::int32},
    Scalar{tag::source_package, "Source Package", TagType::int32},
    Scalar{tag::long_size, "Size", TagType::int64},
    Scalar{tag::payload_compressor, "Payload Compressor", TagType::string},
    Scalar{tag::file_digest_algorithm, "File Digest Algorithm", TagType::int32},
    Scalar{tag::payload_digest_algorithm, "Payload Digest Algorithm", TagType::int32},
};

/// Three lists that belong together value by value.
struct Relation {
    const char* name;
    std::uint32_t names;
    std::uint32_t flags;
    std::uint32_t versions;
};
inline constexpr std::array relations = {
    Relation{"Provides", tag::provide_name, tag::provide_flags, tag::provide_version},
    Relation{"Requires", tag::require_name, tag::require_flags, tag::require_version},
    Relation{"Conflicts", tag::conflict_name, tag::conflict_flags, tag::conflict_version},
    Relation{"Obsoletes", tag::obsolete_name, tag::obsolete_flags, tag::obsolete_version},
    Relation{"Recommends", tag::recommend_name, tag::recommend_flags, tag::recommend_version},
    Relation{"Suggests", tag::suggest_name, tag::suggest_flags, tag::suggest_version},
    Relation{"Supplements", tag::supplement_name, tag::supplement_flags, tag::supplement_version},
    Relation{"Enhances", tag::enhance_name, tag::enhance_flags, tag::enhance_version},
    Relation{"Suggests", tag::old_suggests_name, tag::old_suggests_flags,
             tag::old_suggests_version},
    Relation{"Enhances", tag::old_enhances_name, tag::old_enhances_flags,
             tag::old_enhances_version},
};

}  // namespace yum
