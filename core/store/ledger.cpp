// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/ledger.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

#include "core/model/digest.hpp"
#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;

void to_json(Json& json, LedgerEntry::Event event) {
    json = name(event);
}

void from_json(const Json& json, LedgerEntry::Event& event) {
    for (const auto one : {LedgerEntry::Event::intent, LedgerEntry::Event::committed,
                           LedgerEntry::Event::abandoned}) {
        event = one;
        if (json == name(one)) return;
    }
    throw Error("the ledger names an unknown event");
}

void fields(auto& json, Of<LedgerEntry> auto& entry) {
    json.member("event", entry.event);
    json.member("time", entry.time);
    json.member("number", entry.number);
    json.unless_empty("operation", entry.operation);
}

namespace {

LedgerEntry entry_of(std::string_view line) {
    const Json json = parse_json(line, "a line of the ledger");
    try {
        auto entry = json.get<LedgerEntry>();
        if (entry.event == LedgerEntry::Event::intent && !entry.operation) {
            throw Error("a line of the ledger is damaged: an intent without its operation");
        }
        return entry;
    } catch (const Json::exception& error) {
        throw Error(std::string("a line of the ledger is damaged: ") + error.what());
    }
}

std::string line_of(const LedgerEntry& entry, const std::string& previous) {
    Json json = entry;
    json["previous"] = previous;
    return dump(json);
}

std::string digest_of_line(std::string_view line) {
    return line.empty() ? std::string(64, '0') : sha256(line).hex();
}

/// Calls `visit` for each complete line.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
    while (true) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return;
        visit(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
}

std::string read_whole(const fs::path& file) {
    return status_of(file) ? read_file(file, std::uint64_t{1} << 34) : std::string();
}

/// The last complete line, read backwards from the end; empty if there is none.
std::string last_line(const fs::path& file) {
    if (!status_of(file)) return {};
    const File opened = File::open_to_read(file);
    std::string tail;
    std::uint64_t begin = opened.size();
    while (true) {
        const std::size_t end = tail.rfind('\n');
        if (end != std::string::npos) {
            const std::size_t before = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
            if (before != std::string::npos) return tail.substr(before + 1, end - before - 1);
            if (begin == 0) return tail.substr(0, end);
        }
        if (begin == 0) return {};
        const std::uint64_t size = std::min<std::uint64_t>(begin, 1 << 16);
        begin -= size;
        std::string block(size, '\0');
        if (::pread(opened.descriptor(), block.data(), size, static_cast<off_t>(begin)) !=
            static_cast<ssize_t>(size)) {
            throw system_error("cannot read " + file.string());
        }
        tail.insert(0, block);
    }
}

}  // namespace

std::string_view name(LedgerEntry::Event event) {
    switch (event) {
        case LedgerEntry::Event::intent:
            return "intent";
        case LedgerEntry::Event::committed:
            return "committed";
        case LedgerEntry::Event::abandoned:
            return "abandoned";
    }
    return {};
}

Ledger::Ledger(fs::path file) : file_(std::move(file)) {}

void Ledger::recover() {
    const File opened = File::open_to_write(file_);
    if (opened.descriptor() < 0) return;
    std::uint64_t size = opened.size();
    const std::uint64_t whole = size;
    char last = '\n';
    while (size > 0) {
        if (::pread(opened.descriptor(), &last, 1, static_cast<off_t>(size - 1)) != 1) {
            throw system_error("cannot read " + file_.string());
        }
        if (last == '\n') break;
        --size;
    }
    if (size == whole) return;
    if (::ftruncate(opened.descriptor(), static_cast<off_t>(size)) != 0 ||
        ::fsync(opened.descriptor()) != 0) {
        throw system_error("cannot cut the torn last line of " + file_.string());
    }
}

std::vector<LedgerEntry> Ledger::read() const {
    std::vector<LedgerEntry> entries;
    for_each_line(read_whole(file_),
                  [&](std::string_view line) { entries.push_back(entry_of(line)); });
    return entries;
}

Ledger::Tail Ledger::read_after(std::string_view digest) const {
    const std::string text = read_whole(file_);
    std::string_view rest(text);
    rest.remove_suffix(rest.size() - (rest.rfind('\n') + 1));  // a torn line counts for nothing
    Tail tail;
    while (!rest.empty()) {
        const std::size_t begin = rest.size() == 1 ? 0 : rest.rfind('\n', rest.size() - 2) + 1;
        const std::string_view line = rest.substr(begin, rest.size() - 1 - begin);
        const std::string of_line = digest_of_line(line);
        if (tail.last.empty()) tail.last = of_line;
        tail.continues = of_line == digest;
        if (tail.continues) break;
        tail.entries.push_back(entry_of(line));
        rest.remove_suffix(rest.size() - begin);
    }
    std::ranges::reverse(tail.entries);
    return tail;
}

std::optional<LedgerEntry> Ledger::last() const {
    const std::string line = last_line(file_);
    if (line.empty()) return std::nullopt;
    return entry_of(line);
}

void Ledger::append(const LedgerEntry& entry) {
    const std::string line = line_of(entry, digest_of_line(last_line(file_))) + "\n";
    File opened = File::open_to_write(file_, O_CREAT | O_APPEND);
    if (opened.descriptor() < 0) throw system_error("cannot open " + file_.string());
    const std::uint64_t size = opened.size();
    with_context(file_.string(), [&] {
        try {
            opened.write(line);
            opened.sync();
        } catch (const Error&) {
            // A part of the line may stand there; the next line must not be glued to it. Should
            // this fail as well, recover() cuts it.
            if (::ftruncate(opened.descriptor(), static_cast<off_t>(size)) != 0) errno = 0;
            throw;
        }
        opened.close();
    });
    if (size == 0) sync_directory(file_.parent_path());  // the file is new
}

std::optional<std::size_t> Ledger::broken_link() const {
    std::string expected = digest_of_line({});
    std::optional<std::size_t> broken;
    std::size_t number = 0;
    for_each_line(read_whole(file_), [&](std::string_view line) {
        ++number;
        const Json json = Json::parse(line, nullptr, false);
        const bool sound =
            json.is_object() && json.contains("previous") && json.at("previous") == expected;
        if (!sound && !broken) broken = number;
        expected = digest_of_line(line);
    });
    return broken;
}

std::vector<CommittedOperation> committed(const std::vector<LedgerEntry>& entries) {
    std::vector<CommittedOperation> operations;
    std::map<std::uint64_t, Operation> intents;
    for (const LedgerEntry& entry : entries) {
        if (entry.operation) intents[entry.number] = *entry.operation;
        if (entry.event == LedgerEntry::Event::committed) {
            const auto intent = intents.find(entry.number);
            if (intent == intents.end()) {
                throw Error("the ledger has no intent of operation " +
                            std::to_string(entry.number));
            }
            operations.push_back({intent->second, entry.time});
        }
    }
    return operations;
}

std::string departure_of(const std::vector<CommittedOperation>& operations,
                         const std::string& release) {
    for (auto one = operations.rbegin(); one != operations.rend(); ++one) {
        const Operation& operation = one->operation;
        const auto is_departure = [&](const Move& move) {
            return move.release == release && move.to.empty();
        };
        if (std::ranges::none_of(operation.moves, is_departure)) continue;
        const std::string when = fmt::format("operation {} ({}) at {}", operation.number,
                                             name(operation.verb), format_time(one->time));
        const auto entered = std::ranges::find_if(
            operation.moves, [](const Move& move) { return move.from.empty(); });
        const bool replaced = operation.verb == Verb::admit && entered != operation.moves.end();
        return replaced ? fmt::format(": {} took its place in {}", entered->release, when)
                        : " since " + when;
    }
    return {};
}

Standing standing_after(const std::vector<CommittedOperation>& operations, std::uint64_t number) {
    Standing standing;
    for (const auto& [operation, time] : operations) {
        if (operation.number > number) break;
        standing = after(std::move(standing), operation.moves);
    }
    return standing;
}

Arrivals arrivals_after(const std::vector<CommittedOperation>& operations, std::uint64_t number) {
    Arrivals arrivals;
    for (const auto& [operation, time] : operations) {
        if (operation.number > number) break;
        arrivals = after(std::move(arrivals), operation);
    }
    return arrivals;
}

}  // namespace core
