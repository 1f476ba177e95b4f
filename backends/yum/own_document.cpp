// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/own_document.hpp"

#include <utility>

#include "core/error.hpp"

namespace yum {

bundle::Element parse_own(std::string_view text) {
    bundle::XmlLimits limits;
    limits.bytes = 64u << 20;  // it was within tighter limits when it was admitted
    limits.nodes = 1'000'000;
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
    if (document.name == "update") return {"advisory " + id_of(document)};
    std::set<std::string> ids;
    for (const bundle::Element& part : document.children) {
        if (part.name != "langpacks") ids.insert("group " + id_of(part));
    }
    return ids;
}

}  // namespace yum
