// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/bundle/descriptor_reading.hpp"
#include "backends/bundle/descriptor_schema.hpp"
#include "backends/bundle/descriptor_survey.hpp"
#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

using Names = std::set<std::string, std::less<>>;

Names names_in(const Element& element) {
    Names names;
    for (const Element& child : element.children) names.insert(folded(child.local_name));
    return names;
}

bool any_of(const Names& names, std::initializer_list<std::string_view> wanted) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](std::string_view name) { return names.contains(name); });
}

/// Each revision has elements that no other has; where they are missing too, the simplest that
/// fits.
Revision recognise(const Element& root, bool has_doctype) {
    if (is_namespace_of_f(root.namespace_uri)) return Revision::f;
    const Names names = names_in(root);
    if (any_of(names, {"productname", "productshortname", "umdmeta", "yumrepository",
                       "debrepository", "yumrepofile", "debrepofile"})) {
        return Revision::f;
    }
    if (any_of(names, {"distributionname", "distributionshortname", "isodate", "majorversion",
                       "repositories", "repofiles"})) {
        return Revision::e;
    }
    if (same_name(root.local_name, "package")) {
        return Revision::a;
    }
    const bool packages = names.contains("package");
    const bool elsewhere =
        any_of(names, {"synchurl", "synchprotocol", "releasenotes", "changelog"});
    bool rich = false;
    for (const Element& child : root.children) {
        rich = rich || (same_name(child.local_name, "package") &&
                        any_of(names_in(child), {"releasenotes", "changelog", "method", "category",
                                                 "servicesaffected", "dependencies"}));
    }
    if (has_doctype || (packages && (elsewhere || rich))) return Revision::d;
    return packages ? Revision::b : Revision::c;
}

/// True if an element that is no root of any revision holds what a release holds.
bool looks_like_release(const Element& element) {
    const Names names = names_in(element);
    return any_of(names, {"distributionname", "distributionshortname", "productname",
                          "productshortname", "majorversion", "package", "synchurl"}) ||
           (names.contains("name") && names.contains("version"));
}

void report_roots(const std::vector<Element>& roots, Findings& findings) {
    const auto other = std::find_if(roots.begin() + 1, roots.end(), [&](const Element& root) {
        return !same_name(root.local_name, "package") ||
               !same_name(roots.front().local_name, "package");
    });
    if (other != roots.end()) {
        findings.error(reason::xml_syntax, place_of(*other), other->name, "a second root element",
                       "one document describes one release: hand in the others on their own");
        return;
    }
    findings.warning(reason::tolerated_form, place_of(roots[1]), roots[1].name,
                     "the document has several roots; the release was given the name and version "
                     "of the first package",
                     "put the packages into a <Release> with a Name and a Version");
}

core::Descriptor read_roots(std::vector<Element> roots, bool has_doctype, Findings& findings) {
    const Revision revision = recognise(roots.front(), has_doctype);
    if (roots.size() > 1) report_roots(roots, findings);
    if (revision != Revision::a) roots.resize(1);
    const Survey found = survey(roots, document_schema(revision), findings);
    core::Descriptor descriptor;
    if (found.complete) {
        Reading reading(found, findings);
        std::vector<const Element*> packages;
        for (const Element& element : revision == Revision::a ? roots : roots.front().children) {
            if (same_name(element.local_name, "package")) packages.push_back(&element);
        }
        descriptor = revision == Revision::f ? read_product(roots.front(), reading)
                     : revision == Revision::e
                         ? read_distribution(roots.front(), reading)
                         : read_release(revision, roots.front(), packages, reading);
    }
    descriptor.fields = found.fields;
    descriptor.revision = letter(revision);
    return descriptor;
}

ParsedDescriptor of_unknown_kind(std::string_view file_name, Place place, std::string_view element,
                                 std::string message, std::string remedy) {
    Findings findings(file_name);
    findings.error(reason::descriptor_unknown_revision, place, element, std::move(message),
                   std::move(remedy));
    return {{}, findings.take()};
}

/// Also for a document with syntax errors: what it says, as far as it can be told, is checked too.
ParsedDescriptor read_document(XmlDocument document, std::string_view file_name,
                               std::size_t most_findings) {
    Element& root = document.roots.front();
    const std::string name = folded(root.local_name);
    Findings findings(file_name, most_findings);
    if (name != "release" && name != "package") {
        const std::string message =
            fmt::format("<{}> is the root of no known descriptor", root.name);
        if (!looks_like_release(root)) {
            return of_unknown_kind(
                file_name, place_of(root), root.name, message,
                "hand in a descriptor of revision A to F; its root is <Release>, "
                "<release:release> or <package>");
        }
        findings.error(reason::descriptor_unknown_revision, place_of(root), root.name, message,
                       "write <Release>");
        root.local_name = "Release";
    }
    if (document.has_doctype && !document.doctype.empty() &&
        folded(document.doctype) != folded(root.name)) {
        findings.warning(
            reason::tolerated_form, {1, 1}, {},
            fmt::format("the DOCTYPE names {}, the root is <{}>", document.doctype, root.name),
            "remove the DOCTYPE");
    }
    ParsedDescriptor parsed;
    parsed.descriptor = read_roots(std::move(document.roots), document.has_doctype, findings);
    parsed.report = findings.take();
    return parsed;
}

XmlLimits descriptor_limits(const core::BundleLimits& limits) {
    XmlLimits xml;
    xml.bytes = limits.descriptor_kb << 10;
    xml.depth = limits.xml_depth;
    xml.nodes = limits.xml_nodes;
    xml.attributes = limits.xml_attributes;
    xml.text = limits.xml_text_kb << 10;
    xml.findings = limits.findings;
    xml.bundle_settings = true;
    return xml;
}

/// The first character that is no blank, after a byte order mark; '\0' if there is none.
char first_character(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text = core::trimmed(text.substr(0, 4096));
    return text.empty() ? '\0' : text.front();
}

}  // namespace

ParsedDescriptor parse_descriptor(std::string_view text, std::string_view file_name,
                                  const core::BundleLimits& limits) {
    const char first = first_character(text);
    if (first == '{' || first == '[' || core::trimmed(text.substr(0, 64)).starts_with("---")) {
        return of_unknown_kind(file_name, {1, 1}, {}, "this is JSON or YAML, not XML",
                               "hand in the XML form, revision F");
    }
    XmlDocument document = parse_xml(text, file_name, descriptor_limits(limits), Roots::several);
    const bool page = core::lower(document.doctype) == "html" ||
                      (!document.roots.empty() && folded(document.roots.front().name) == "html");
    if (page) {
        return of_unknown_kind(file_name, {1, 1}, {}, "this is a web page (HTML), no descriptor",
                               "fetch the descriptor itself; a page often says that it was not "
                               "found");
    }
    ParsedDescriptor parsed;
    core::Report report = std::move(document.report);
    if (!document.roots.empty()) {
        parsed = read_document(std::move(document), file_name, limits.findings);
    }
    parsed.report.insert(parsed.report.begin(), report.begin(), report.end());
    return parsed;
}

}  // namespace bundle
