// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/stanza.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "backends/apt/relation.hpp"
#include "backends/apt/version.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

namespace reason = core::reason;

/// The order of an entry's beginning; other fields follow as they stand, and Description is last.
constexpr std::array<std::string_view, 24> first_fields{"Package",
                                                        "Source",
                                                        "Version",
                                                        "Architecture",
                                                        "Multi-Arch",
                                                        "Essential",
                                                        "Protected",
                                                        "Priority",
                                                        "Section",
                                                        "Maintainer",
                                                        "Original-Maintainer",
                                                        "Installed-Size",
                                                        "Provides",
                                                        "Pre-Depends",
                                                        "Depends",
                                                        "Recommends",
                                                        "Suggests",
                                                        "Enhances",
                                                        "Conflicts",
                                                        "Breaks",
                                                        "Replaces",
                                                        "Built-Using",
                                                        "Homepage",
                                                        "Tag"};

/// What an index or dpkg's status file says of a package; in a package's own control file it is
/// meaningless, and an index that repeated it would lie.
constexpr std::array<std::string_view, 12> foreign_fields{
    "filename",       "size",      "md5sum",          "sha1",
    "sha256",         "sha512",    "status",          "description-md5",
    "config-version", "conffiles", "installed-files", "package-type"};

constexpr std::size_t longest_file_name = 255;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Lower-case letters, digits and some of `others`, beginning with a letter or digit.
bool consists_of(std::string_view text, std::string_view others) {
    if (text.empty() || !(is_lower(text.front()) || is_digit(text.front()))) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_lower(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    });
}

/// Debian Policy §5.6.1 and §5.6.7.
bool valid_package_name(std::string_view name) {
    return name.size() >= 2 && consists_of(name, "+-.");
}

template <class Names>
bool contains(const Names& names, std::string_view wanted) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return same_name(name, wanted); });
}

core::Refused bad_field(std::string_view field, std::string_view value, const std::string& rule) {
    if (value.empty()) {
        return core::Refused(reason::package_name,
                             "the control file has no field " + std::string(field), rule);
    }
    return core::Refused(
        reason::package_name,
        std::string(field) + " is not valid: " + core::escaped(value.substr(0, 80)), rule);
}

std::string_view checked_name(const std::vector<Field>& control) {
    const std::string_view name = value_of(control, "Package");
    if (!valid_package_name(name)) {
        throw bad_field("Package", name,
                        "A name has two or more of a-z, 0-9, +, - and ., and begins with a letter "
                        "or digit (Debian Policy 5.6.1).");
    }
    return name;
}

Version checked_version(const std::vector<Field>& control) {
    const std::string_view text = value_of(control, "Version");
    auto version = parse_version(text);
    if (!version) {
        throw bad_field("Version", text,
                        "A version is [epoch:]version[-revision] and begins with a digit (Debian "
                        "Policy 5.6.12).");
    }
    return std::move(*version);
}

std::string_view checked_architecture(const std::vector<Field>& control) {
    const std::string_view architecture = value_of(control, "Architecture");
    if (!consists_of(architecture, "-") || architecture == "any" || architecture == "source" ||
        architecture.ends_with("-any") || architecture.starts_with("any-")) {
        throw bad_field("Architecture", architecture,
                        "A binary package names one architecture, or all (Debian Policy 5.6.8).");
    }
    return architecture;
}

/// The source package's name, from "argus" or "argus (1.7.3-1)".
std::string_view checked_source(const std::vector<Field>& control, std::string_view name) {
    const std::string_view value = value_of(control, "Source");
    if (value.empty()) return name;
    const std::string_view source = value.substr(0, value.find(' '));
    const std::string_view version = core::trimmed(value.substr(source.size()));
    const bool sound =
        version.empty() ||
        (version.size() > 2 && version.size() <= longest_file_name && version.starts_with('(') &&
         version.ends_with(')') && parse_version(version.substr(1, version.size() - 2)));
    if (!valid_package_name(source) || !sound) {
        throw bad_field("Source", value,
                        "It is a package name, or a name and (version) (Debian Policy 5.6.1).");
    }
    return source;
}

/// "contrib" of "contrib/net" (Debian Policy §2.4); main if it says nothing of the kind.
std::string component_of(std::string_view section) {
    if (section.size() > longest_file_name) {  // apt ends itself where it has 65535 bytes
        throw bad_field("Section", section, "It has at most 255 bytes.");
    }
    const auto slash = section.find('/');
    const std::string_view component = section.substr(0, slash);
    if (slash == std::string_view::npos || !consists_of(component, "-")) return "main";
    return std::string(component);
}

/// Words that dpkg compares without case; it does not unpack a package with another.
void check_words(const std::vector<Field>& control, const core::Package& package) {
    const auto one_of = [&](std::string_view field, std::initializer_list<std::string_view> words) {
        const std::string_view value = value_of(control, field);
        if (value.empty() || contains(words, value)) return;
        throw bad_field(field, value, "dpkg takes other words here.");
    };
    one_of("Essential", {"yes", "no"});
    one_of("Protected", {"yes", "no"});
    one_of("Important", {"yes", "no"});
    one_of("Multi-Arch", {"no", "same", "foreign", "allowed"});
    if (package.every_architecture && same_name(value_of(control, "Multi-Arch"), "same")) {
        throw bad_field("Multi-Arch", "same",
                        "A package of all architectures is the same in each.");
    }
}

/// One field that apt cannot read stops all clients of the repository.
void check_relations(const std::vector<Field>& control) {
    for (const Field& field : control) {
        if (field.value.empty() || !is_relation(field.name)) continue;
        const std::string fault = relation_fault(field.name, field.value);
        if (fault.empty()) continue;
        throw core::Refused(
            reason::package_relation, core::escaped(field.name) + " is not valid: " + fault,
            "Write it by Debian Policy 7.1, as in \"libc6 (>= 2.36), perl | ruby\".");
    }
}

std::string pool_path(const core::Package& package, std::string_view source) {
    // As in Debian's archive: libraries would crowd the directory "l".
    const std::string_view prefix = source.substr(0, source.starts_with("lib") ? 4 : 1);
    std::string version = package.version;
    if (!package.release.empty()) version += "-" + package.release;
    const std::string file = package.name + "_" + version + "_" + package.architecture + ".deb";
    if (file.size() > longest_file_name || source.size() > longest_file_name ||
        package.component.size() > longest_file_name) {
        throw core::Refused(reason::package_name,
                            "name, version and architecture are too long for a file name");
    }
    return "pool/" + package.component + "/" + std::string(prefix) + "/" + std::string(source) +
           "/" + file;
}

void append(std::string& text, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text += name;
    // A value that begins on the line after its name needs no blank.
    text += value.starts_with('\n') ? ":" : ": ";
    text += value;
    text += '\n';
}

}  // namespace

core::Package describe_package(const std::vector<Field>& control) {
    const std::string_view type = value_of(control, "Package-Type");
    if (!type.empty() && type != "deb") {
        throw core::Refused(reason::package_unsupported,
                            "a package of type " + core::escaped(type) + ", not deb");
    }
    const Version version = checked_version(control);
    core::Package package;
    package.format = "deb";
    package.name = checked_name(control);
    package.epoch = version.epoch;
    package.version = version.upstream;
    package.release = version.revision;
    package.architecture = checked_architecture(control);
    package.every_architecture = package.architecture == "all";
    package.component = component_of(value_of(control, "Section"));
    package.path = pool_path(package, checked_source(control, package.name));
    check_words(control, package);
    check_relations(control);
    return package;
}

std::string stanza(const std::vector<Field>& control, const core::Package& package) {
    std::string text;
    for (const std::string_view name : first_fields) append(text, name, value_of(control, name));
    for (const Field& field : control) {
        if (same_name(field.name, "Description") || contains(first_fields, field.name) ||
            contains(foreign_fields, field.name)) {
            continue;
        }
        append(text, field.name, field.value);
    }
    append(text, "Filename", package.path);
    append(text, "Size", std::to_string(package.size));
    append(text, "SHA256", package.digest.hex());
    append(text, "Description", value_of(control, "Description"));
    return text + "\n";
}

}  // namespace apt
