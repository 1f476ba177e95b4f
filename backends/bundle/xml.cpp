// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml.hpp"

#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "backends/bundle/xml_encoding.hpp"
#include "backends/bundle/xml_scanner.hpp"
#include "core/model/bundle_limits.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

using core::reason::xml_limit;
using core::reason::xml_syntax;

constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
constexpr std::size_t longest_uri = 256;  // each element has a copy

/// Resolves the names in a tree to their namespaces.
class Namespaces {
  public:
    explicit Namespaces(Findings& findings) : findings_(findings) {
        uris_["xml"].emplace_back(xml_namespace);
        uris_["xmlns"].emplace_back("http://www.w3.org/2000/xmlns/");
    }

    void resolve(Element& element) {
        open_.push_back(element.name);
        const std::vector<std::string> declared = declare(element);
        resolve_names(element);
        for (Element& child : element.children) resolve(child);
        for (const std::string& prefix : declared) uris_[prefix].pop_back();
        open_.pop_back();
    }

  private:
    /// Notes the namespaces an element declares; returns their prefixes.
    std::vector<std::string> declare(const Element& element) {
        std::vector<std::string> prefixes;
        for (const Attribute& attribute : element.attributes) {
            const bool by_default = attribute.name == "xmlns";
            if (!by_default && !attribute.name.starts_with("xmlns:")) continue;
            if (attribute.value.size() > longest_uri) {
                findings_.error(
                    xml_limit, {element.line, element.column}, element.name,
                    fmt::format("the name of a namespace is longer than {} bytes", longest_uri),
                    {});
                continue;
            }
            prefixes.push_back(by_default ? std::string() : attribute.name.substr(6));
            uris_[prefixes.back()].push_back(attribute.value);
        }
        return prefixes;
    }

    void resolve_names(Element& element) {
        resolve_name(element, element.name, true, element.local_name, element.namespace_uri);
        std::set<std::pair<std::string_view, std::string_view>> seen;
        for (Attribute& attribute : element.attributes) {
            resolve_name(element, attribute.name, false, attribute.local_name,
                         attribute.namespace_uri);
            if (!attribute.namespace_uri.empty() &&
                !seen.emplace(attribute.namespace_uri, attribute.local_name).second) {
                error(xml_syntax, element,
                      fmt::format("the attribute {} is given twice, under two prefixes",
                                  attribute.local_name),
                      "keep one of them");
            }
        }
    }

    void resolve_name(const Element& element, const std::string& name, bool has_default,
                      std::string& local_name, std::string& uri) {
        const std::size_t colon = name.find(':');
        const std::string prefix = colon == std::string::npos ? "" : name.substr(0, colon);
        local_name = colon == std::string::npos ? name : name.substr(colon + 1);
        if (prefix.empty() && !has_default) return;
        const auto found = uris_.find(prefix);
        if (found != uris_.end() && !found->second.empty()) {
            uri = found->second.back();
        } else if (!prefix.empty() && undeclared_.insert(prefix).second) {
            error(xml_syntax, element,
                  fmt::format("the prefix {} of {} is not declared", prefix, name),
                  fmt::format("add xmlns:{}=\"…\" to the root element", prefix));
        }
    }

    void error(core::reason::Code code, const Element& element, std::string message,
               std::string remedy) {
        findings_.error(code, {element.line, element.column},
                        findings_.wants_errors() ? core::join(open_, "/") : std::string(),
                        std::move(message), std::move(remedy));
    }

    Findings& findings_;
    std::map<std::string, std::vector<std::string>, std::less<>> uris_;
    std::set<std::string> undeclared_;  // each is reported once
    std::vector<std::string> open_;     // names of the elements from the root to here
};

void serialize_into(const Element& element, std::size_t depth, std::string& out) {
    const std::string indent(2 * depth, ' ');
    out += indent + '<' + element.name;
    for (const Attribute& attribute : element.attributes) {
        out += ' ' + attribute.name + "=\"";
        for (const char c : core::xml_escaped(attribute.value)) {
            // A reader turns these three into blanks (XML 1.0 §3.3.3) unless they are references.
            if (c == '\n' || c == '\t' || c == '\r') {
                out += fmt::format("&#{};", static_cast<int>(c));
            } else {
                out += c;
            }
        }
        out += '"';
    }
    if (element.text.empty() && element.children.empty()) {
        out += "/>\n";
        return;
    }
    out += '>';
    for (const char c : core::xml_escaped(element.text)) {
        if (c == '\r') {
            out += "&#13;";
        } else {
            out += c;
        }
    }
    if (!element.children.empty()) {
        out += '\n';
        for (const Element& child : element.children) serialize_into(child, depth + 1, out);
        out += indent;
    }
    out += "</" + element.name + ">\n";
}

}  // namespace

const Element* Element::child(std::string_view child_name) const {
    for (const Element& each : children) {
        if (each.name == child_name) return &each;
    }
    return nullptr;
}

const std::string* Element::attribute(std::string_view attribute_name) const {
    for (const Attribute& each : attributes) {
        if (each.name == attribute_name) return &each.value;
    }
    return nullptr;
}

XmlDocument parse_xml(std::string_view text, std::string_view where, const XmlLimits& limits,
                      Roots roots) {
    XmlDocument document;
    Findings findings(where, limits.findings);
    if (text.size() > limits.bytes) {
        findings.error(xml_limit, {}, {},
                       fmt::format("the document has {} bytes, more than the {} that are read",
                                   text.size(), limits.bytes),
                       limits.bundle_settings
                           ? core::raise_bundle_limit("shorten it", "descriptor_kb")
                           : "shorten it");
        document.report = findings.take();
        return document;
    }
    const std::optional<std::string> characters = read_characters(text, findings);
    if (!characters) {
        document.report = findings.take();
        return document;
    }
    const LineTable lines(*characters);
    Scan scan = scan_xml(*characters, limits, lines, findings);
    document.doctype = std::move(scan.doctype);
    document.has_doctype = scan.has_doctype;
    document.roots = std::move(scan.roots);
    Namespaces namespaces(findings);
    for (Element& root : document.roots) namespaces.resolve(root);
    if (roots == Roots::one && document.roots.size() > 1) {
        const Element& second = document.roots[1];
        findings.error(xml_syntax, {second.line, second.column}, second.name,
                       "a second root element", "a document has one; put all others into it");
    }
    document.report = findings.take_sorted();
    return document;
}

std::string serialize(const Element& element) {
    std::string out;
    serialize_into(element, 0, out);
    return out;
}

}  // namespace bundle
