// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/index_cell.hpp"

#include <optional>
#include <set>
#include <vector>

#include "backends/archive/reader.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/apt_index.hpp"
#include "rt-bridge/fetch/yum_index.hpp"

namespace fetch {
namespace {

constexpr std::string_view packages_form = "packages", primary_form = "primary";

std::uint64_t number(std::string_view text) {
    const auto value = core::whole_number(text);
    if (!value) throw core::Error("a number that is none");
    return *value;
}

/// In the cell: the indexes of one source, whose limits are together.
class Session {
  public:
    /// Asked: the form, a name, the limits. Answered: path, size and digest of each file that no
    /// index named before.
    std::string answer(std::string_view question, std::vector<core::File> files) {
        const auto asked = core::packed_texts(question).value();
        if (!list_)
            list_.emplace(
                IndexLimits{number(asked.at(2)), number(asked.at(3)), number(asked.at(4))});
        const auto source = archive::Source::opened(std::move(files.at(0)));
        const std::string where(asked.at(1));
        if (asked.at(0) == packages_form) {
            read_packages(source, where, *list_);
        } else {
            read_primary(source, where, *list_);
        }
        std::vector<std::string> texts;
        for (const auto& [path, expected] : list_->files()) {
            if (!told_.insert(path).second) continue;
            texts.insert(texts.end(), {path, std::to_string(expected.size), expected.digest.hex()});
        }
        return core::pack_texts(texts);
    }

  private:
    std::optional<PackageList> list_;
    std::set<std::string> told_;
};

core::Refused no_answer(const std::string& where) {
    return invalid_index(where,
                         "it could not be read within the limits of time and memory, or it crashed "
                         "its reader");
}

}  // namespace

core::CellTask index_task() {
    const auto session = std::make_shared<Session>();  // each cell has its own copy
    return {archive::prepare, [session](std::string_view question, std::vector<core::File> files) {
                return session->answer(question, std::move(files));
            }};
}

IndexCell::IndexCell(const core::Cells& cells, const IndexLimits& limits)
    : cells_(cells), limits_(limits), list_(limits) {}

void IndexCell::read(IndexForm form, core::File index, const std::string& where) {
    if (!cell_) {
        const std::vector<std::string> tasks{"index"};
        cell_ = cells_.start(tasks, {});
    }
    core::CellQuestion question;
    question.task = "index";
    question.text =
        core::pack_texts({std::string(form == IndexForm::packages ? packages_form : primary_form),
                          where, std::to_string(limits_.bytes), std::to_string(limits_.packages),
                          std::to_string(limits_.files)});
    question.processor_time += std::chrono::seconds(index.size() >> 20);
    question.files.push_back(std::move(index));
    const auto answer = cell_->ask(question) ? cell_->answer() : std::nullopt;
    const auto texts = answer ? core::packed_texts(*answer) : std::nullopt;
    if (!texts || texts->size() % 3 != 0) throw no_answer(where);
    for (std::size_t i = 0; i < texts->size(); i += 3) {
        list_.count_package(where);
        try {
            list_.add(std::string((*texts)[i]),
                      {core::Digest::parse((*texts)[i + 2]), number((*texts)[i + 1])}, where);
        } catch (const core::Error&) {
            throw no_answer(where);
        }
    }
}

}  // namespace fetch
