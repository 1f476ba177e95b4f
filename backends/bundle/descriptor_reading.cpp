// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor_reading.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "backends/bundle/descriptor_values.hpp"
#include "core/model/package.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

constexpr std::size_t longest_name = 128;

void report(Findings& findings, core::Severity severity, reason::Code code, const Element& element,
            const std::string& path, std::string message, std::string remedy) {
    if (severity == core::Severity::error) {
        findings.error(code, place_of(element), path, std::move(message), std::move(remedy));
    } else {
        findings.warning(code, place_of(element), path, std::move(message), std::move(remedy));
    }
}

/// Adds to `list` what is not among the `known` ones yet, which are those in it.
void add_once(const std::vector<std::string>& values, std::set<std::string>& known,
              std::vector<std::string>& list) {
    for (const std::string& value : values) {
        if (known.insert(value).second) list.push_back(value);
    }
}

/// "99999999999:1.0".
bool has_endless_epoch(std::string_view version) {
    const std::size_t colon = version.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view epoch = version.substr(0, colon);
    return is_number(epoch) && !core::is_epoch(epoch);
}

}  // namespace

const Element* find_child(const Element& element, std::string_view name) {
    const auto found =
        std::find_if(element.children.begin(), element.children.end(),
                     [&](const Element& child) { return same_name(child.local_name, name); });
    return found == element.children.end() ? nullptr : &*found;
}

std::string find_attribute(const Element& element, std::string_view name) {
    for (const Attribute& attribute : element.attributes) {
        if (same_name(attribute.local_name, name)) return collapsed(attribute.value);
    }
    return {};
}

std::string Reading::path(const Element& element) const {
    const auto found = survey_.paths.find(&element);
    return found == survey_.paths.end() ? element.name : found->second;
}

std::string Reading::text(const Element& element,
                          std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
        const Element* child = find_child(element, name);
        if (!child) continue;
        if (std::string value = full_text(*child); !value.empty()) return value;
    }
    return {};
}

void Reading::missing(const Element& element, std::string_view name, core::Severity severity) {
    const std::string above = path(element);
    report(findings_, severity, reason::missing_element, element,
           above.empty() ? std::string(name) : fmt::format("{}/{}", above, name),
           fmt::format("{} is missing", name), fmt::format("add <{}>…</{}>", name, name));
}

void Reading::report_empty(const Element& element, core::Severity severity) {
    report(findings_, severity, reason::empty_element, element, path(element),
           fmt::format("<{}> is empty", element.name),
           severity == core::Severity::error ? "fill it in" : "fill it in, or remove it");
}

std::string Reading::mandatory(const Element& element,
                               std::initializer_list<std::string_view> names) {
    const Element* empty = nullptr;
    for (const std::string_view name : names) {
        const Element* child = find_child(element, name);
        if (!child) continue;
        std::string value = collapsed(full_text(*child));
        if (!value.empty()) {
            check_name(value, place_of(*child), path(*child));
            return value;
        }
        empty = child;
    }
    if (empty) {
        report_empty(*empty, core::Severity::error);
    } else {
        missing(element, *names.begin(), core::Severity::error);
    }
    return {};
}

void Reading::expect(const Element& element, std::initializer_list<std::string_view> names) {
    if (!text(element, names).empty()) return;
    for (const std::string_view name : names) {
        if (const Element* child = find_child(element, name)) {
            report_empty(*child, core::Severity::warning);
            return;
        }
    }
    missing(element, *names.begin(), core::Severity::warning);
}

void Reading::check_name(const std::string& value, Place place, const std::string& element_path) {
    const bool speaks = std::any_of(value.begin(), value.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    if (value.size() > longest_name) {
        findings_.error(reason::bad_value, place, element_path,
                        fmt::format("longer than {} bytes", longest_name), "shorten it");
    } else if (core::has_control_characters(value) || !speaks) {
        findings_.error(reason::bad_value, place, element_path,
                        fmt::format("'{}' cannot be a name or version", excerpt(value)),
                        "use letters and digits, and no control characters");
    } else if (has_endless_epoch(value)) {
        findings_.error(reason::bad_value, place, element_path,
                        fmt::format("'{}' has an epoch that no package can have", excerpt(value)),
                        "an epoch is at most 2147483647");
    }
}

std::string Reading::version_of_parts(const Element& element, const PartNames& names) {
    const Element* text_version = find_child(element, "Version");
    std::string whole = text_version ? collapsed(full_text(*text_version)) : std::string();
    std::vector<std::string> parts;
    for (const std::string_view name : names) {
        parts.push_back(collapsed(text(element, {name})));
    }
    if (parts[0].empty()) {
        const bool none = parts[1].empty() && parts[2].empty();
        if (whole.empty() || !none) return mandatory(element, {names[0]});
        findings_.warning(
            reason::tolerated_form, place_of(*text_version), path(*text_version),
            fmt::format("the version was taken from here, because {} is missing", names[0]),
            fmt::format("add {}, {} and {}", names[0], names[1], names[2]));
        check_name(whole, place_of(*text_version), path(*text_version));
        return whole;
    }
    check_parts(parts, names, element);
    std::erase(parts, std::string());
    std::string version = core::join(parts, ".");
    const Element& major = *find_child(element, names[0]);
    check_name(version, place_of(major), path(major));
    if (!whole.empty() && whole != version) {
        findings_.warning(reason::bad_version, place_of(*text_version), path(*text_version),
                          fmt::format("'{}' disagrees with major, minor and revision, which make "
                                      "{}; the latter was taken",
                                      excerpt(whole), excerpt(version)),
                          "correct one of them");
    }
    return version;
}

/// A version that is one free text in the first part is fine: "EMI-2 Update 9".
void Reading::check_parts(const std::vector<std::string>& parts, const PartNames& names,
                          const Element& element) {
    const bool free_text = !is_number(parts[0]) && parts[1].empty() && parts[2].empty();
    if (free_text) return;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string_view name = names[i];
        if (parts[i].empty()) {
            expect(element, {name});
            continue;
        }
        if (is_number(parts[i])) continue;
        const Element& child = *find_child(element, name);
        const bool dotted = parts[i].find('.') != std::string::npos;
        findings_.warning(reason::bad_version, place_of(child), path(child),
                          dotted ? fmt::format("'{}' holds more than one number; the version may "
                                               "have been cut at the wrong dot",
                                               excerpt(parts[i]))
                                 : fmt::format("'{}' is no number", excerpt(parts[i])),
                          "for 1.2.3 write 1, 2 and 3");
    }
}

void Reading::read_common(const Element& element, core::Descriptor& descriptor) {
    descriptor.contact = text(element, {"Contact", "technicalContact"});
    descriptor.description = text(element, {"Description"});
    descriptor.release_notes = text(element, {"ReleaseNotes", "ReleaseNotesURL"});
    descriptor.change_log = text(element, {"ChangeLog", "ChangeLogURL"});
    for (const Element& child : element.children) {
        if (!same_name(child.local_name, "DocumentationLinks") &&
            !same_name(child.local_name, "DocumentationLink")) {
            continue;
        }
        add_once(core::split(child.text, " \t\r\n"), links_, descriptor.documentation_links);
        for (const Element& link : child.children) {
            add_once(core::split(full_text(link), " \t\r\n"), links_,
                     descriptor.documentation_links);
        }
    }
}

void Reading::read_synchronisation(const Element& element, core::Descriptor& descriptor) {
    const std::string url = text(element, {"SynchURL"});
    const std::string protocol = core::lower(collapsed(text(element, {"SynchProtocol"})));
    const std::vector<std::string> urls = core::split(url, " \t\r\n");
    if (urls.empty() || says_none(url)) return;
    descriptor.sync_url = core::join(urls, " ");  // for apt: URL, suite and components
    descriptor.sync_protocol = protocol;
    if (protocol.empty() || says_none(protocol)) {
        const std::size_t scheme = urls.front().find("://");
        descriptor.sync_protocol =
            scheme == std::string::npos ? "" : core::lower(urls.front().substr(0, scheme));
    }
}

void Reading::read_date_of(const Element& element, bool compact, core::Descriptor& descriptor) {
    const std::string value = text(element, {compact ? "ISODate" : "Date"});
    descriptor.date = read_date(value, compact ? DateForm::compact : DateForm::day_month_year).iso;
}

void Reading::add_package(core::ListedPackage package, const Element& element,
                          core::Descriptor& descriptor) {
    package.line = element.line;
    if (package.name.empty() || package.version.empty()) return;  // reported as an error
    const bool first = listed_
                           .emplace(package.name, package.version, package.release,
                                    package.architecture, package.platform)
                           .second;
    if (first) {
        descriptor.packages.push_back(std::move(package));
        return;
    }
    findings_.warning(
        reason::duplicate_package, place_of(element), path(element),
        fmt::format("{} {} was listed before", excerpt(package.name), excerpt(package.version)),
        "list each package once");
}

void Reading::add_targets(const std::vector<std::string>& platforms,
                          const std::vector<std::string>& architectures,
                          core::Descriptor& descriptor) {
    add_once(platforms, platforms_, descriptor.platforms);
    add_once(architectures, architectures_, descriptor.architectures);
}

bool is_dry_run_provider(std::string_view provider) {
    const std::string name = core::lower(core::trimmed(provider));
    return name == "emidry" || name == "igedry";
}

}  // namespace bundle
