// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/own_document.hpp"

#include <fmt/format.h>
#include <utility>

#include "core/model/error.hpp"

namespace yum {

bundle::Element parse_own(std::string_view text) {
    bundle::XmlLimits limits;
    limits.bytes = 64u << 20;  // it was within tighter limits when it was admitted
    limits.nodes = 1'000'000;
    limits.text = limits.bytes;  // a list of thousands has as many line ends
    bundle::XmlDocument document = bundle::parse_xml(text, "a document", limits);
    if (!document.sound()) {
        throw core::Error("an advisory or group list in the pool is not well-formed");
    }
    return std::move(document.roots.front());
}

std::string id_of(const bundle::Element& element) {
    const bundle::Element* id = element.child("id");
    return id == nullptr ? std::string() : id->text;
}

std::set<std::string> ids_in(const bundle::Element& document) {
    std::set<std::string> ids;
    const auto take = [&](const bundle::Element& part, std::string_view kind) {
        // What is kept since before a second one was refused may have several.
        for (const bundle::Element& child : part.children) {
            if (child.name == "id") ids.insert(fmt::format("{} {}", kind, child.text));
        }
    };
    if (document.name == "update") take(document, "advisory");
    for (const bundle::Element& part : document.children) {
        if (document.name != "update" && part.name != "langpacks") take(part, "group");
    }
    return ids;
}

}  // namespace yum
