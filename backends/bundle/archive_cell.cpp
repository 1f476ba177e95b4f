// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/archive_cell.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/bundle/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

using archive::Limits;
using archive::Member;

// What is asked for, the first word of a question; and what an answer is, its first text.
constexpr std::string_view open_word = "open", next_word = "next", copy_word = "copy";
constexpr std::string_view member_word = "member", end_word = "end", done_word = "done";

core::Refused no_answer() {
    return core::Refused(core::reason::bundle_corrupt,
                         "the archive could not be read within the limits of time and memory, or "
                         "it crashed its reader");
}

std::uint64_t number(std::string_view text) {
    const auto value = core::whole_number(text);
    if (!value) throw no_answer();
    return *value;
}

/// In the cell: one archive, from its opening to its end.
class Session {
  public:
    std::string answer(std::string_view question, std::vector<core::File> files) {
        const auto words = core::packed_texts(question);
        if (!words || words->empty()) throw core::Error("a question that is none");
        if (words->front() == next_word) return next();
        if (files.size() != 1) throw core::Error("a question without a file");
        if (words->front() == copy_word) return copy(files.front());
        return open(*words, std::move(files.front()));
    }

  private:
    std::string open(const std::vector<std::string_view>& words, core::File file) {
        if (words.size() != 2) throw core::Error("an opening that is none");
        archive::Options options;
        options.limits = container_limits(core::bundle_limits_in(words.back()));
        reader_.emplace(archive::Source::opened(std::move(file)), options);
        return core::pack_texts({std::string(done_word)});
    }

    std::string next() {
        const Member* const member = reader_.value().next();
        if (member == nullptr) return core::pack_texts({std::string(end_word)});
        return core::pack_texts(
            {std::string(member_word), member->name, std::to_string(static_cast<int>(member->type)),
             std::to_string(member->size), std::to_string(member->mode), member->link});
    }

    std::string copy(core::File& to) {
        reader_.value().read([&](std::string_view block) { to.write(block); });
        return core::pack_texts({std::string(done_word)});
    }

    std::optional<archive::Reader> reader_;
};

Member member_in(const std::vector<std::string_view>& texts, const Limits& limits) {
    if (texts.size() != 6) throw no_answer();
    Member member;
    member.name = texts[1];
    member.type = static_cast<archive::Type>(std::min<std::uint64_t>(
        number(texts[2]), static_cast<std::uint64_t>(archive::Type::other)));
    member.size = number(texts[3]);
    member.mode = static_cast<unsigned>(number(texts[4]));
    member.link = texts[5];
    if (std::max(member.name.size(), member.link.size()) > limits.name_bytes ||
        member.size > limits.member_bytes) {
        throw no_answer();
    }
    return member;
}

}  // namespace

core::CellTask archive_task() {
    const auto session = std::make_shared<Session>();  // each cell has its own copy
    return {archive::prepare, [session](std::string_view question, std::vector<core::File> files) {
                return session->answer(question, std::move(files));
            }};
}

ArchiveCell::ArchiveCell(const core::Cells& cells, const std::filesystem::path& path,
                         const core::BundleLimits& limits)
    : limits_(container_limits(limits)) {
    core::File file = archive::open_regular(path);
    processor_time_ = std::chrono::seconds(10 + (file.size() >> 20));
    core::CellLimits cell_limits;
    cell_limits.file = limits_.member_bytes;
    const std::vector<std::string> tasks{"archive"};
    cell_ = cells.start(tasks, cell_limits);
    core::CellQuestion question =
        question_of(core::pack_texts({std::string(open_word), core::to_text(limits)}));
    question.files.push_back(std::move(file));
    ask(question);
}

std::optional<Member> ArchiveCell::next() {
    const std::string answer = ask(question_of(core::pack_texts({std::string(next_word)})));
    const auto texts = core::packed_texts(answer).value();
    if (texts.front() == end_word) return std::nullopt;
    if (++members_ > limits_.members) throw no_answer();
    Member member = member_in(texts, limits_);
    current_ = member.size;
    return member;
}

void ArchiveCell::copy(core::File to) {
    core::CellQuestion question = question_of(core::pack_texts({std::string(copy_word)}));
    question.files.push_back(std::move(to));
    ask(question);
    const std::uint64_t size = question.files.front().size();
    bytes_ += size;
    if (size != current_ || bytes_ > limits_.bytes) throw no_answer();
}

core::CellQuestion ArchiveCell::question_of(std::string text) const {
    core::CellQuestion question;
    question.task = "archive";
    question.text = std::move(text);
    question.processor_time = processor_time_;
    question.largest_answer = 1 << 20;
    return question;
}

/// What is answered, if it is no refusal.
std::string ArchiveCell::ask(const core::CellQuestion& question) {
    auto answer = cell_->ask(question) ? cell_->answer() : std::nullopt;
    const auto texts = answer ? core::packed_texts(*answer) : std::nullopt;
    if (!texts || texts->empty()) throw no_answer();
    return *std::move(answer);
}

}  // namespace bundle
