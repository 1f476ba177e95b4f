// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/bundled_documents.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "backends/bundle/xml.hpp"
#include "backends/yum/comps.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/model/package.hpp"
#include "core/model/problem.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

[[noreturn]] void refuse(const std::string& where, int line, const std::string& message) {
    throw core::Refused(core::reason::document_invalid,
                        line > 0 ? fmt::format("{}, line {}: {}", where, line, message)
                                 : fmt::format("{}: {}", where, message),
                        "correct the document or leave it out of the bundle");
}

/// Real comps files carry this DOCTYPE. It is the one external subset that is known to be harmless
/// here, because nobody fetches it; blanks take its place, so that lines keep their numbers.
std::string without_comps_doctype(std::string text) {
    constexpr std::string_view doctype = "<!DOCTYPE comps PUBLIC";
    constexpr std::string_view known[] = {"\"-//Red Hat, Inc.//DTD Comps info//EN\"",
                                          "\"comps.dtd\">"};
    const std::size_t begin = text.find(doctype);
    if (begin == std::string::npos) return text;
    std::size_t at = begin + doctype.size();
    for (const std::string_view part : known) {
        at = text.find_first_not_of(" \t\r\n", at);
        if (at == std::string::npos || text.compare(at, part.size(), part) != 0) return text;
        at += part.size();
    }
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin),
        text.begin() + static_cast<std::ptrdiff_t>(at), [](char c) { return c != '\n'; }, ' ');
    return text;
}

/// Clients print these texts as they are, and compare these versions.
void check_values(const bundle::Element& element, const std::string& where) {
    const auto check = [&](std::string_view text) {
        if (!core::has_control_characters(text, core::Text::prose)) return;
        throw core::Refused(
            core::reason::control_characters,
            fmt::format("{}, line {}: <{}> has control characters, or some that reorder text",
                        where, element.line, core::escaped(element.name)),
            "remove them");
    };
    check(element.text);
    for (const bundle::Attribute& attribute : element.attributes) check(attribute.value);
    const std::string* epoch = element.attribute("epoch");
    const bool is_number = epoch != nullptr && !epoch->empty() &&
                           epoch->find_first_not_of("0123456789") == std::string::npos;
    if (is_number && !core::is_epoch(*epoch)) {
        refuse(where, element.line, "an epoch is at most 2147483647");
    }
}

/// Names with a prefix need a declaration that does not come along, and clients know none but
/// xml:lang; declarations themselves are dropped.
void normalise(bundle::Element& element, const std::string& where) {
    if (element.name.find(':') != std::string::npos) {
        refuse(where, element.line, fmt::format("<{}> has a prefix", core::escaped(element.name)));
    }
    std::erase_if(element.attributes, [](const bundle::Attribute& attribute) {
        return attribute.name == "xmlns" || attribute.name.starts_with("xmlns:");
    });
    for (const bundle::Attribute& attribute : element.attributes) {
        if (attribute.name != "xml:lang" && attribute.name.find(':') != std::string::npos) {
            refuse(where, element.line,
                   fmt::format("the attribute {} has a prefix", core::escaped(attribute.name)));
        }
    }
    element.text = core::trimmed(element.text);
    check_values(element, where);
    for (bundle::Element& child : element.children) normalise(child, where);
}

bundle::Element parse(const std::string& text, const std::string& where) {
    bundle::XmlLimits limits;
    limits.bytes = 16u << 20;  // years of advisories
    limits.nodes = 500'000;
    bundle::XmlDocument document = bundle::parse_xml(without_comps_doctype(text), where, limits);
    for (const core::Problem& problem : document.report) {
        if (problem.severity == core::Severity::error) refuse(where, problem.line, problem.message);
    }
    if (!document.sound()) refuse(where, 0, "it is no XML document");
    normalise(document.roots.front(), where);
    return std::move(document.roots.front());
}

std::string identity(const bundle::Element& element, const std::string& where) {
    // Of several, some clients take the first and others the last.
    if (std::ranges::count(element.children, "id", &bundle::Element::name) > 1) {
        refuse(where, element.line, fmt::format("this <{}> has more than one <id>", element.name));
    }
    const bundle::Element* id = element.child("id");
    if (id == nullptr || id->text.empty() || id->text.size() > 256 ||
        core::has_control_characters(id->text)) {
        refuse(where, element.line, fmt::format("this <{}> has no proper <id>", element.name));
    }
    return id->text;
}

void check_children(const bundle::Element& root, std::initializer_list<std::string_view> names,
                    const std::string& where) {
    for (const bundle::Element& child : root.children) {
        if (std::find(names.begin(), names.end(), child.name) == names.end()) {
            refuse(
                where, child.line,
                fmt::format("<{}> is not expected in <{}>", core::escaped(child.name), root.name));
        }
    }
    if (!root.text.empty()) refuse(where, root.line, fmt::format("<{}> has text", root.name));
}

/// As it will be published.
std::string serialized(const bundle::Element& element, const std::string& where) {
    std::string bytes = bundle::serialize(element);
    try {
        if (count_elements(bytes) == 1) return bytes;
    } catch (const core::Error& error) {
        refuse(where, element.line,
               fmt::format("what would be published of it is {}", error.what()));
    }
    throw core::Error(where + " was not written as one element");
}

[[noreturn]] void refuse_second(const std::string& where, const bundle::Element& update) {
    refuse(where, update.line,
           fmt::format("there is another advisory with the id {}", identity(update, where)));
}

/// What a part says of packages, and the part with them if it is of no other ones.
void leave_out_foreign(bundle::Element& root, ForeignReferences* foreign) {
    if (foreign == nullptr) return;
    std::vector<bundle::Element> kept;
    for (bundle::Element& part : root.children) {
        if (foreign->take_out(part)) kept.push_back(std::move(part));
    }
    root.children = std::move(kept);
}

}  // namespace

BundledDocuments read_bundled(const std::vector<std::string>& texts, std::string_view own_advisory,
                              ForeignReferences* foreign) {
    BundledDocuments result;
    std::map<std::string, std::string> advisories;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string where = fmt::format("document {} of the bundle", i + 1);
        bundle::Element root = parse(texts[i], where);
        if (root.name == "comps") {
            check_children(root, {"group", "category", "environment", "langpacks"}, where);
            for (const bundle::Element& child : root.children) {
                if (child.name != "langpacks") identity(child, where);
            }
            leave_out_foreign(root, foreign);
            if (!root.children.empty()) result.groups.push_back(serialized(root, where));
            continue;
        }
        if (root.name != "updates") {
            refuse(where, root.line,
                   fmt::format("<{}> is neither <updates> nor <comps>", core::escaped(root.name)));
        }
        check_children(root, {"update"}, where);
        for (const bundle::Element& update : root.children) {
            if (identity(update, where) == own_advisory) refuse_second(where, update);
        }
        leave_out_foreign(root, foreign);
        for (const bundle::Element& update : root.children) {
            const std::string id = identity(update, where);
            std::string bytes = serialized(update, where);
            const auto [known, added] = advisories.emplace(id, bytes);
            if (!added && known->second != bytes) refuse_second(where, update);
            if (added) result.updates.push_back(std::move(bytes));
        }
    }
    return result;
}

}  // namespace yum
