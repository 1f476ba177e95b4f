// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/inflate_cell.hpp"

#include "backends/archive/reader.hpp"
#include "backends/bundle/content.hpp"
#include "backends/bundle/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

/// In the cell: the head, if there is one file; else the second is written.
std::string answer(std::string_view question, std::vector<core::File> files) {
    const auto source = archive::Source::opened(std::move(files.at(0)));
    if (files.size() == 1) return archive::inflated_head(source, content_head);
    const auto asked = core::packed_texts(question).value();
    archive::Limits limits = container_limits(core::bundle_limits_in(asked.at(0)));
    limits.bytes = core::whole_number(asked.at(1)).value();
    archive::inflate(source, limits, [&](std::string_view block) { files[1].write(block); });
    return {};
}

std::string ask(const core::Cells& cells, core::CellQuestion question,
                const core::CellLimits& limits) {
    question.task = "inflate";
    question.largest_answer = content_head;
    question.processor_time += std::chrono::seconds(question.files.front().size() >> 20);
    if (auto answer = cells.ask(question, limits)) return *std::move(answer);
    throw core::Refused(core::reason::document_invalid,
                        "it could not be unpacked within the limits of time and memory, or it "
                        "crashed its reader");
}

}  // namespace

core::CellTask inflate_task() {
    return {{}, answer};
}

std::string inflated_head(const core::Cells& cells, const std::filesystem::path& file) {
    core::CellQuestion question;
    question.files.push_back(core::File::open_to_read(file));
    return ask(cells, std::move(question), {});
}

void inflate(const core::Cells& cells, const std::filesystem::path& file, core::File to,
             const core::BundleLimits& limits, std::uint64_t most) {
    core::CellQuestion question;
    question.text = core::pack_texts({core::to_text(limits), std::to_string(most)});
    question.files.push_back(core::File::open_to_read(file));
    question.files.push_back(std::move(to));
    core::CellLimits cell;
    cell.file = most;
    ask(cells, std::move(question), cell);
}

}  // namespace bundle
