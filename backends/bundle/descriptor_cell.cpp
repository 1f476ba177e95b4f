// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor_cell.hpp"

#include "backends/bundle/descriptor.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/reason.hpp"
#include "core/model/release.hpp"
#include "core/model/report.hpp"

namespace bundle {

core::CellTask descriptor_task() {
    return {{}, [](std::string_view question, const std::vector<core::File>&) {
                const auto texts = core::packed_texts(question).value();
                return core::to_json(parse_descriptor(texts.at(0), texts.at(1),
                                                      core::bundle_limits_in(texts.at(2))));
            }};
}

core::ParsedDescriptor parse_in_cell(const core::Cells& cells, const std::string& text,
                                     const std::string& file_name,
                                     const core::BundleLimits& limits) {
    core::CellQuestion question;
    question.task = "descriptor";
    question.text = core::pack_texts({text, file_name, core::to_text(limits)});
    try {
        if (const auto answer = cells.ask(question, {})) {
            return core::parsed_descriptor_from_json(*answer);
        }
    } catch (const core::Error&) {
        // What a cell says that read hostile bytes is as hostile: told as what it is.
    }
    core::ParsedDescriptor none;
    none.report.push_back(core::error_at(
        file_name, core::reason::xml_limit,
        "the document could not be read within the limits of time and memory, or it crashed its "
        "reader"));
    return none;
}

}  // namespace bundle
