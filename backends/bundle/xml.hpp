// SPDX-License-Identifier: GPL-3.0-or-later
// An XML document from a stranger, as a tree of plain values.
//
// What is not well-formed is reported completely, not only up to the first fault, and the tree is
// made of it as well as can be: a broken document is refused, and what else is wrong with it can
// still be told. Nothing is ever fetched or expanded, and time and memory are linear in a size that
// is capped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/problem.hpp"

namespace bundle {

struct Attribute {
    std::string name;           // as written: "xml:lang"
    std::string local_name;     // without its prefix: "lang"
    std::string namespace_uri;  // empty: none
    std::string value;

    bool operator==(const Attribute&) const = default;
};

struct Element {
    std::string name;                   // as written: "release:release"
    std::string local_name;             // without its prefix: "release"
    std::string namespace_uri;          // empty: none
    std::vector<Attribute> attributes;  // declarations of namespaces too
    std::vector<Element> children;
    std::string text;  // its own character data, joined; blanks between child elements are dropped
    int line = 0;      // of the start tag; 1-based
    int column = 0;    // 1-based, in bytes

    /// The first child or attribute of that name as written; null if there is none.
    const Element* child(std::string_view child_name) const;
    const std::string* attribute(std::string_view attribute_name) const;
};

struct XmlLimits {
    std::size_t bytes = 1u << 20;
    std::size_t depth = 64;
    std::size_t attributes = 256;  // of one element
    std::size_t text = 64u << 10;  // of one element or attribute
    std::size_t name = 128;        // of a tag, an attribute or a namespace
    std::size_t nodes = 100'000;   // elements and attributes
    bool bundle_settings = false;  // they are those of [bundle.limits]; remedies name them
    std::size_t findings = 100;    // errors, and warnings, that are told; the rest is counted
};

/// `several`: more than one root is no fault of the text (revision A of the descriptor has none).
enum class Roots { one, several };

struct XmlDocument {
    std::vector<Element>
        roots;            // of a document with errors: our best reading, for further findings
    core::Report report;  // in the order of the text
    std::string doctype;  // the name in the DOCTYPE, if there is one
    bool has_doctype = false;

    bool sound() const { return !core::has_errors(report) && !roots.empty(); }
};

/// Never throws for what is in `text`. `where` names the document in the findings.
XmlDocument parse_xml(std::string_view text, std::string_view where, const XmlLimits& limits = {},
                      Roots roots = Roots::one);

/// The element as an indented document fragment, escaped; an XML declaration is the caller's.
/// Names are written as they are: they come from parse_xml or from us.
std::string serialize(const Element& element);

}  // namespace bundle
