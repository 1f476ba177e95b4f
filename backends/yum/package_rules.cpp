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

[[noreturn]] void refuse_text(const char* name, const char* what) {
    throw core::Refused(core::reason::control_characters, fmt::format("{} has {}", name, what),
                        "remove them from the spec file and build the package again");
}

void check_text(std::string_view text, core::Text kind, const char* name) {
    if (!core::valid_utf8(text)) refuse_text(name, "bytes that are not UTF-8");
    if (core::has_control_characters(text, kind)) {
        refuse_text(name, "control characters, or some that reorder text");
    }
}

/// Old change logs are in Latin-1, and nobody will write them again.
void check_old_prose(std::string_view text, const char* name) {
    const bool is_old = !core::valid_utf8(text);
    check_text(is_old ? from_latin1(text) : std::string(text), core::Text::prose, name);
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

std::string from_latin1(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x80) result += static_cast<char>(0xC0 | code >> 6);
        result += static_cast<char>(code < 0x80 ? code : 0x80 | (code & 0x3F));
    }
    return result;
}

void check_texts(const HeaderView& header) {
    using core::Text;
    for (const Scalar& scalar : scalars) {
        const Text kind = scalar.tag == tag::description ? Text::prose : Text::line;
        for (const std::string_view text : header.texts(scalar.tag)) {
            check_text(text, kind, scalar.name);
        }
    }
    for (const std::uint32_t tag : {tag::dir_names, tag::base_names}) {
        for (const std::string_view text : header.texts(tag)) {
            check_text(text, Text::line, "a file name");
        }
    }
    for (const Relation& relation : relations) {
        for (const std::uint32_t tag : {relation.names, relation.versions}) {
            for (const std::string_view text : header.texts(tag)) {
                check_text(text, Text::line, relation.name);
            }
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
    if (!package.epoch.empty() && !core::is_epoch(package.epoch)) {
        throw core::Refused(
            core::reason::package_name,
            fmt::format("the epoch {} is more than clients can compare", package.epoch),
            "use an epoch of at most 2147483647");
    }
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
