// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/package_rules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "backends/yum/header_tables.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

[[noreturn]] void corrupt(const std::string& message) {
    throw core::Refused(core::reason::package_corrupt, message, "build the package with rpm 4");
}

/// Raw control characters of terminals, C1 included, and the two characters that XML 1.0 cannot
/// carry besides.
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
    if (core::has_control_characters(text) || has_terminal_controls(text))
        refuse_text(name, "control characters");
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
void check_name_part(std::string_view text, const char* what, std::string_view punctuation) {
    if (text.empty()) {
        throw core::Refused(core::reason::package_name, fmt::format("{} is missing", what),
                            "name the package as rpm's own rules ask for");
    }
    const bool safe_start = text.front() != '.' && text.front() != '-';
    if (!safe_start || text.size() > 200 || !made_of(text, punctuation)) {
        throw core::Refused(
            core::reason::package_name,
            fmt::format("{} \"{}\" is not made of letters, digits and {}, or begins badly", what,
                        core::escaped(text.substr(0, 200)), punctuation),
            "name the package as rpm's own rules ask for");
    }
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
    for (const std::uint32_t tag : {tag::dir_names, tag::base_names}) {
        for (const std::string_view text : header.texts(tag)) check_line(text, "a file name");
    }
    for (const Relation& relation : relations) {
        for (const std::uint32_t tag : {relation.names, relation.versions}) {
            for (const std::string_view text : header.texts(tag)) check_line(text, relation.name);
        }
    }
    for (const std::uint32_t tag : {tag::changelog_name, tag::changelog_text}) {
        std::vector<std::string_view> texts = header.texts(tag);
        if (texts.size() > changelog_limit) texts.resize(changelog_limit);  // no more is published
        for (const std::string_view text : texts) check_old_prose(text, "the change log");
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
    package.name = header.text(tag::name);
    package.version = header.text(tag::version);
    package.release = header.text(tag::release);
    package.architecture = header.text(tag::arch);
    if (const auto epoch = header.number(tag::epoch)) package.epoch = std::to_string(*epoch);
    // rpm itself tells source packages by this: a binary package names its source.
    package.source = header.find(tag::source_rpm) == nullptr;
    if (package.source) {
        package.architecture = "src";
    } else if (package.architecture == "src" || package.architecture == "nosrc") {
        throw core::Refused(
            core::reason::package_name,
            "the architecture says source, but the package names its source package",
            "build the package with rpm 4");
    }
    package.every_architecture = package.architecture == "noarch";
    package.path = path_of(package);
    return package;
}

std::string path_of(const core::Package& package) {
    check_name_part(package.name, "the name", "._+-");
    check_name_part(package.version, "the version", "._+~^");
    check_name_part(package.release, "the release", "._+~^");
    check_name_part(package.architecture, "the architecture", "_");
    const std::string file = fmt::format("{}-{}-{}.{}.rpm", package.name, package.version,
                                         package.release, package.architecture);
    if (file.size() > 255) {
        throw core::Refused(core::reason::package_name,
                            fmt::format("the file name {} would be longer than 255 bytes", file),
                            "choose a shorter name, version or release");
    }
    return fmt::format("Packages/{}/{}", core::lower(file.substr(0, 1)), file);
}

}  // namespace yum
