// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/documents_cell.hpp"

#include <algorithm>
#include <iterator>

#include "backends/yum/foreign_references.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/reason.hpp"

namespace yum {
namespace {

using Texts = std::vector<std::string>;

/// Nothing: it is not a value of packed texts.
std::optional<Texts> unpacked(std::string_view value) {
    const auto texts = core::packed_texts(value);
    if (!texts) return std::nullopt;
    return Texts(texts->begin(), texts->end());
}

/// In the cell, of: the own advisory, "keep" or the names that are brought, the documents.
std::string answer(std::string_view question) {
    const auto parts = core::packed_texts(question).value();
    const Texts brought = unpacked(parts.at(1)).value();
    const bool keep = parts.at(2) == "keep";
    ForeignReferences foreign({brought.begin(), brought.end()});
    const BundledDocuments read =
        read_bundled(unpacked(parts.at(3)).value(), parts.at(0), keep ? nullptr : &foreign);
    return core::pack_texts({core::pack_texts(read.updates), core::pack_texts(read.groups),
                             core::pack_texts({foreign.found().begin(), foreign.found().end()})});
}

/// Each of them is one element, whatever a cell says.
bool are_elements(const Texts& texts) {
    return std::ranges::all_of(texts, [](const std::string& text) {
        try {
            return count_elements(text) == 1;
        } catch (const core::Error&) {
            return false;
        }
    });
}

std::optional<ReadDocuments> documents_in(std::string_view answer) {
    const auto parts = unpacked(answer);
    if (!parts || parts->size() != 3) return std::nullopt;
    auto updates = unpacked((*parts)[0]), groups = unpacked((*parts)[1]),
         foreign = unpacked((*parts)[2]);
    if (!updates || !groups || !foreign || !are_elements(*updates) || !are_elements(*groups)) {
        return std::nullopt;
    }
    return ReadDocuments{{*std::move(updates), *std::move(groups)},
                         {foreign->begin(), foreign->end()}};
}

}  // namespace

core::CellTask documents_task() {
    return {{}, [](std::string_view question, const std::vector<core::File>&) {
                return answer(question);
            }};
}

ReadDocuments read_in_cell(const core::Cells& cells, const Texts& texts,
                           const std::string& own_advisory, const std::set<std::string>* brought) {
    if (texts.empty()) return {};
    core::CellQuestion question;
    question.task = "documents";
    const Texts names = brought == nullptr ? Texts() : Texts(brought->begin(), brought->end());
    question.text = core::pack_texts({own_advisory, core::pack_texts(names),
                                      brought == nullptr ? "keep" : "", core::pack_texts(texts)});
    if (const auto answer = cells.ask(question, {})) {
        if (auto read = documents_in(*answer)) return *std::move(read);
    }
    throw core::Refused(core::reason::document_invalid,
                        "the documents of the bundle could not be read within the limits of time "
                        "and memory, or they crashed their reader",
                        "correct them or leave them out of the bundle");
}

}  // namespace yum
