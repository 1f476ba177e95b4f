// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/package_rules.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "backends/yum/tags.hpp"
#include "core/error.hpp"
#include "core/reason.hpp"
#include "core/text.hpp"

namespace yum {
namespace {

/// Tags that hold one value each, and whether every package must have them.
struct Scalar {
    std::uint32_t tag;
    const char* name;
    TagType type;
    bool mandatory = false;
};
constexpr std::array scalars = {
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
    Scalar{tag::payload_digest_algorithm, "Payload Digest Algorithm", TagType::int32},
};

/// Tags whose values belong together one by one: their counts are equal, or none of them is there.
struct Column {
    std::uint32_t tag;
    const char* name;
    TagType type;
};
using Table = std::array<Column, 4>;  // unused columns have tag 0
constexpr TagType integers = TagType::int32;
constexpr std::array tables = {
    Table{{{tag::base_names, "file names", TagType::strings},
           {tag::dir_indexes, "file directories", integers},
           {tag::file_flags, "file flags", integers},
           {tag::file_modes, "file modes", TagType::int16}}},
    Table{{{tag::provide_name, "Provides", TagType::strings},
           {tag::provide_flags, "Provides", integers},
           {tag::provide_version, "Provides", TagType::strings}}},
    Table{{{tag::require_name, "Requires", TagType::strings},
           {tag::require_flags, "Requires", integers},
           {tag::require_version, "Requires", TagType::strings}}},
    Table{{{tag::conflict_name, "Conflicts", TagType::strings},
           {tag::conflict_flags, "Conflicts", integers},
           {tag::conflict_version, "Conflicts", TagType::strings}}},
    Table{{{tag::obsolete_name, "Obsoletes", TagType::strings},
           {tag::obsolete_flags, "Obsoletes", integers},
           {tag::obsolete_version, "Obsoletes", TagType::strings}}},
    Table{{{tag::recommend_name, "Recommends", TagType::strings},
           {tag::recommend_flags, "Recommends", integers},
           {tag::recommend_version, "Recommends", TagType::strings}}},
    Table{{{tag::suggest_name, "Suggests", TagType::strings},
           {tag::suggest_flags, "Suggests", integers},
           {tag::suggest_version, "Suggests", TagType::strings}}},
    Table{{{tag::supplement_name, "Supplements", TagType::strings},
           {tag::supplement_flags, "Supplements", integers},
           {tag::supplement_version, "Supplements", TagType::strings}}},
    Table{{{tag::enhance_name, "Enhances", TagType::strings},
           {tag::enhance_flags, "Enhances", integers},
           {tag::enhance_version, "Enhances", TagType::strings}}},
    Table{{{tag::old_suggests_name, "Suggests", TagType::strings},
           {tag::old_suggests_flags, "Suggests", integers},
           {tag::old_suggests_version, "Suggests", TagType::strings}}},
    Table{{{tag::old_enhances_name, "Enhances", TagType::strings},
           {tag::old_enhances_flags, "Enhances", integers},
           {tag::old_enhances_version, "Enhances", TagType::strings}}},
    Table{{{tag::changelog_time, "change log dates", integers},
           {tag::changelog_name, "change log authors", TagType::strings},
           {tag::changelog_text, "change log", TagType::strings}}},
};

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

void check_table(const HeaderView& header, const Table& table) {
    const HeaderEntry* first = header.find(table[0].tag);
    for (const Column& column : table) {
        if (column.tag == 0) continue;
        const HeaderEntry* entry = header.find(column.tag);
        if ((entry == nullptr) != (first == nullptr)) {
            corrupt(fmt::format("the lists of {} and {} do not go together", table[0].name,
                                column.name));
        }
        if (entry == nullptr) continue;
        if (entry->type != column.type) {
            corrupt(fmt::format("{} are not of the type that RPM gives them", column.name));
        }
        if (entry->count != first->count) {
            corrupt(fmt::format("{} {} values meet {} of {}", entry->count, column.name,
                                first->count, table[0].name));
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

/// Raw control characters of terminals, C1 included; and what XML 1.0 cannot carry.
bool has_terminal_controls(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const auto next = static_cast<std::uint8_t>(i + 1 < text.size() ? text[i + 1] : 0);
        const bool layout = byte == '\n' || byte == '\t' || byte == '\r';
        if ((byte < 0x20 && !layout) || byte == 0x7F) return true;
        if (byte == 0xC2 && next >= 0x80 && next < 0xA0) return true;
        if (byte == 0xEF && text.substr(i, 3) >= "\xEF\xBF\xBE") return true;  // U+FFFE, U+FFFF
    }
    return false;
}

[[noreturn]] void refuse_text(const char* name, const char* what) {
    throw core::Refused(core::reason::control_characters, fmt::format("{} has {}", name, what),
                        "remove them from the spec file and build the package again");
}

void check_line(std::string_view text, const char* name) {
    if (!core::valid_utf8(text)) refuse_text(name, "bytes that are not UTF-8");
    if (core::has_control_characters(text)) refuse_text(name, "control characters");
}

void check_prose(std::string_view text, const char* name) {
    if (!core::valid_utf8(text)) refuse_text(name, "bytes that are not UTF-8");
    if (has_terminal_controls(text)) refuse_text(name, "control characters");
}

/// Old change logs are in Latin-1, and nobody will write them again. createrepo_c reads what is not
/// UTF-8 as Latin-1, and so do we; its C1 range is no text in either.
void check_old_prose(std::string_view text, const char* name) {
    if (core::valid_utf8(text)) {
        check_prose(text, name);
        return;
    }
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        const bool layout = byte == '\n' || byte == '\t' || byte == '\r';
        if ((byte < 0x20 && !layout) || (byte >= 0x7F && byte < 0xA0)) {
            refuse_text(name, "control characters");
        }
    }
}

bool made_of(std::string_view text, std::string_view punctuation) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               punctuation.find(c) != std::string_view::npos;
    });
}

/// A part of the published file name. Anything else would be unsafe there, in a URL or for clients.
std::string name_part(const HeaderView& header, std::uint32_t tag, const char* what,
                      std::string_view punctuation) {
    const std::string_view text = header.text(tag);
    const bool safe_start = !text.empty() && text.front() != '.' && text.front() != '-';
    if (!safe_start || text.size() > 200 || !made_of(text, punctuation)) {
        throw core::Refused(
            core::reason::package_name,
            fmt::format("{} \"{}\" is not made of letters, digits and {}, or begins badly", what,
                        core::escaped(text.substr(0, 200)), punctuation),
            "name the package as rpm's own rules ask for");
    }
    return std::string(text);
}

void check_payload_digest(const RpmFile& rpm, const HeaderView& header) {
    constexpr std::uint64_t sha256 = 8;  // RFC 4880 §9.4
    const std::vector<std::string_view> digests = header.texts(tag::payload_digest);
    if (digests.empty() || header.number(tag::payload_digest_algorithm) != sha256) {
        throw core::Refused(core::reason::payload_digest,
                            "the header has no SHA-256 digest of the payload",
                            "build the package with rpm 4.14 or newer");
    }
    if (digests.size() != 1 || digests.front() != rpm.payload_digest.hex()) {
        throw core::Refused(core::reason::payload_digest,
                            "the payload is not the one that the header was made for",
                            "transfer the package again, or build it again");
    }
}

}  // namespace

void check_shape(const HeaderView& header) {
    if (!header.sealed_by(tag::region) || header.find(tag::old_file_names) != nullptr) {
        throw core::Refused(core::reason::package_unsupported,
                            "the header has the form of RPM 3 or was added to later",
                            "build the package with rpm 4");
    }
    for (const Scalar& scalar : scalars) check_scalar(header, scalar);
    for (const Table& table : tables) check_table(header, table);
    check_directories(header);
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

void check_texts(const HeaderView& header) {
    for (const Scalar& scalar : scalars) {
        for (const std::string_view text : header.texts(scalar.tag)) {
            if (scalar.tag == tag::description) {
                check_prose(text, scalar.name);
            } else {
                check_line(text, scalar.name);
            }
        }
    }
    for (const std::string_view text : header.texts(tag::dir_names)) {
        check_line(text, "a directory name");
    }
    for (const Table& table : tables) {
        const bool changelog = table[0].tag == tag::changelog_time;
        for (const Column& column : table) {
            if (column.tag == 0) continue;
            std::vector<std::string_view> texts = header.texts(column.tag);
            if (changelog && texts.size() > changelog_limit) texts.resize(changelog_limit);
            for (const std::string_view text : texts) {
                changelog ? check_old_prose(text, column.name) : check_line(text, column.name);
            }
        }
    }
}

void check_integrity(const RpmFile& rpm, const HeaderView& signature, const HeaderView& header) {
    std::optional<std::uint64_t> size = signature.number(tag::long_file_size);
    if (!size) size = signature.number(tag::file_size);
    const std::uint64_t actual = rpm.size - rpm.header_start;
    if (size && *size != actual) {
        throw core::Refused(
            core::reason::package_corrupt,
            fmt::format("header and payload have {} bytes instead of {}: the file {}", actual,
                        *size, actual < *size ? "was cut short" : "goes on after its end"),
            "transfer the package again");
    }
    const std::string_view digest = signature.text(tag::sha256_header);
    if (!digest.empty() && digest != core::sha256(rpm.header).hex()) {
        corrupt("the main header is not the one that the package was made with");
    }
    check_payload_digest(rpm, header);
}

core::Package describe_package(const HeaderView& header) {
    core::Package package;
    package.format = "rpm";
    package.name = name_part(header, tag::name, "the name", "._+-");
    package.version = name_part(header, tag::version, "the version", "._+~^");
    package.release = name_part(header, tag::release, "the release", "._+~^");
    package.architecture = name_part(header, tag::arch, "the architecture", "_");
    if (const auto epoch = header.number(tag::epoch)) package.epoch = std::to_string(*epoch);
    // rpm itself tells source packages by this: a binary package names its source.
    package.source = header.find(tag::source_rpm) == nullptr;
    if (package.source) package.architecture = "src";
    package.every_architecture = package.architecture == "noarch";
    const std::string file = fmt::format("{}-{}-{}.{}.rpm", package.name, package.version,
                                         package.release, package.architecture);
    if (file.size() > 255) {
        throw core::Refused(core::reason::package_name,
                            fmt::format("the file name {} would be longer than 255 bytes", file),
                            "choose a shorter name, version or release");
    }
    package.path = fmt::format("Packages/{}/{}", core::lower(file.substr(0, 1)), file);
    return package;
}

}  // namespace yum
