// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_cursor.hpp"

#include <fmt/format.h>
#include <utility>

#include "backends/bundle/xml_references.hpp"
#include "core/model/bundle_limits.hpp"

namespace bundle {

void XmlCursor::error(std::size_t offset, std::string message, std::string remedy) {
    findings.error(core::reason::xml_syntax, lines.place(offset), tree.path(tag),
                   std::move(message), std::move(remedy));
}

void XmlCursor::limit(std::size_t offset, std::string message, std::string remedy,
                      std::string_view setting) {
    if (limits.bundle_settings && !setting.empty()) {
        remedy = core::raise_bundle_limit(std::move(remedy), setting);
    }
    findings.error(core::reason::xml_limit, lines.place(offset), tree.path(), std::move(message),
                   std::move(remedy));
    throw Stop{};
}

void XmlCursor::skip_spaces() {
    while (!at_end() && is_space(peek())) ++at;
}

std::string_view XmlCursor::take_name(std::string_view what) {
    const std::size_t begin = at;
    while (!at_end() && is_name_character(peek())) ++at;
    if (at - begin > limits.name) {
        limit(begin, fmt::format("the name of {} is longer than {} bytes", what, limits.name), {});
    }
    return text.substr(begin, at - begin);
}

std::size_t XmlCursor::end_of(std::string_view mark, std::size_t from, std::string_view what) {
    const std::size_t found = text.find(mark, from);
    if (found != std::string_view::npos) return found;
    error(at, fmt::format("{} begins here and never ends", what), fmt::format("add {}", mark));
    throw Stop{};
}

void XmlCursor::count_text(std::size_t begin, std::string_view run) {
    if (tree.count_text(run.size(), is_blank(run)) > limits.text) {
        limit(begin, fmt::format("the element holds more than {} bytes of text", limits.text),
              "shorten it, or give the address of a page that has it", "xml_text_kb");
    }
}

std::string XmlCursor::decoded(Part part, std::size_t begin, std::size_t end) {
    const bool attribute = part == Part::attribute;
    const std::string_view special = attribute ? "&\r\n\t" : part == Part::text ? "&\r" : "\r";
    const std::string_view whole = text.substr(0, end);
    std::string result;
    for (std::size_t position = begin; position < end;) {
        const std::size_t next = std::min(whole.find_first_of(special, position), end);
        result += whole.substr(position, next - position);
        position = next;
        if (position == end) break;
        if (whole[position] == '&') {
            const Reference reference = read_reference(whole.substr(position));
            // An undefined one was reported already with the DOCTYPE that declares it.
            if (!reference.message.empty() && !(reference.undefined && doctype_refused)) {
                findings.error(reference.code, lines.place(position), tree.path(tag),
                               reference.message, reference.remedy);
            }
            result += reference.characters;
            position += reference.length;
        } else {
            result += attribute ? ' ' : '\n';
            position += whole.substr(position, 2) == "\r\n" ? 2 : 1;
        }
    }
    return result;
}

}  // namespace bundle
