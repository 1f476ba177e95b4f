// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml.hpp"

#include <fmt/format.h>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>
#include <utility>

#include "backends/bundle/xml_encoding.hpp"
#include "backends/bundle/xml_scanner.hpp"
#include "core/text.hpp"

namespace bundle {
namespace {

using core::reason::xml_limit;
using core::reason::xml_syntax;

constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
constexpr std::size_t longest_uri = 256;  // each element has a copy

/// Walks pugixml's tree in document order, in which the scanner noted where each element begins.
class TreeBuilder {
  public:
    TreeBuilder(const Scan& scan, const LineTable& lines, Findings& findings)
        : scan_(scan), lines_(lines), findings_(findings) {
        uris_["xml"].emplace_back(xml_namespace);
        uris_["xmlns"].emplace_back("http://www.w3.org/2000/xmlns/");
    }

    /// Nothing if pugixml sees other elements than the scanner.
    std::optional<std::vector<Element>> build(const pugi::xml_document& document) {
        std::vector<Element> roots;
        for (const pugi::xml_node node : document.children()) {
            if (node.type() == pugi::node_element) roots.push_back(element(node));
        }
        if (next_ != scan_.starts.size()) return std::nullopt;
        return roots;
    }

  private:
    Element element(const pugi::xml_node& node) {
        Element result;
        result.name = node.name();
        if (next_ < scan_.starts.size()) {
            const Place place = lines_.place(scan_.starts[next_]);
            result.line = place.line;
            result.column = place.column;
        }
        ++next_;
        open_.push_back(node.name());
        for (const pugi::xml_attribute each : node.attributes()) {
            result.attributes.push_back({each.name(), {}, {}, each.value()});
        }
        const std::vector<std::string> declared = declare(result);
        resolve(result);
        for (const pugi::xml_node child : node.children()) {
            if (child.type() == pugi::node_element) {
                result.children.push_back(element(child));
            } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
                result.text += child.value();
            }
        }
        for (const std::string& prefix : declared) uris_[prefix].pop_back();
        open_.pop_back();
        return result;
    }

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

    void resolve(Element& element) {
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

    const Scan& scan_;
    const LineTable& lines_;
    Findings& findings_;
    std::map<std::string, std::vector<std::string>, std::less<>> uris_;
    std::set<std::string> undeclared_;  // each is reported once
    std::vector<std::string> open_;     // names of the elements from the root to here
    std::size_t next_ = 0;
};

std::optional<std::vector<Element>> build_tree(const Scan& scan, const LineTable& lines,
                                               Findings& findings) {
    pugi::xml_document document;
    const unsigned options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                             pugi::parse_wconv_attribute | pugi::parse_fragment;
    const pugi::xml_parse_result result =
        document.load_buffer(scan.mended.data(), scan.mended.size(), options, pugi::encoding_utf8);
    if (!result) return std::nullopt;
    return TreeBuilder(scan, lines, findings).build(document);
}

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
    Findings findings(where);
    if (text.size() > limits.bytes) {
        findings.error(xml_limit, {}, {},
                       fmt::format("the document has {} bytes, more than the {} that are read",
                                   text.size(), limits.bytes),
                       "shorten it");
        document.report = findings.take();
        return document;
    }
    const std::optional<std::string> characters = read_characters(text, findings);
    if (!characters) {
        document.report = findings.take();
        return document;
    }
    const LineTable lines(*characters);
    const Scan scan = scan_xml(*characters, limits, lines, findings);
    document.doctype = scan.doctype;
    document.has_doctype = scan.has_doctype;
    if (scan.complete) {
        const bool clean = !findings.has_errors();
        if (auto tree = build_tree(scan, lines, findings)) {
            document.roots = *std::move(tree);
        } else if (clean) {
            findings.error(xml_syntax, {1, 1}, {}, "the document can be read in two ways",
                           "write it anew with an XML editor");
        }
    }
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
