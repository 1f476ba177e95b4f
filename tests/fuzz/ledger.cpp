// SPDX-License-Identifier: GPL-3.0-or-later
// ledger.jsonl: what is read of it can be written, is a whole chain then, and is read as the same.
#include "core/store/ledger.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace {

constexpr std::size_t most_entries = 40;  // each is flushed

bool is_same(const core::LedgerEntry& a, const core::LedgerEntry& b) {
    return a.event == b.event && a.time == b.time && a.number == b.number &&
           a.operation == b.operation;
}

void write_again(const std::vector<core::LedgerEntry>& entries) {
    const auto file = fuzz::file_of({}, "again.jsonl");
    core::Ledger ledger(file);
    for (const core::LedgerEntry& entry : entries) ledger.append(entry);
    fuzz::claim(!ledger.broken_link(), "what is written is a chain");
    const auto again = ledger.read();
    fuzz::claim(again.size() == entries.size(), "of as many lines");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        fuzz::claim(is_same(again[i], entries[i]), "which say the same");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto file = fuzz::file_of(text, "ledger.jsonl");
    core::Ledger ledger(file);
    ledger.broken_link();
    std::vector<core::LedgerEntry> entries;
    const bool sound = fuzz::is_sound([&] { entries = ledger.read(); });
    fuzz::is_sound([&] { ledger.last(); });
    ledger.recover();
    fuzz::claim(core::read_file(file) == text.substr(0, text.rfind('\n') + 1),
                "a torn line is cut, and nothing else");
    if (!sound) return 0;
    fuzz::claim(ledger.read().size() == entries.size(), "a torn line counts for nothing");
    fuzz::claim(ledger.read_after("").entries.size() == entries.size(), "backwards as forwards");
    fuzz::is_sound([&] {
        const auto operations = core::committed(entries);
        core::standing_after(operations, UINT64_MAX);
        core::arrivals_after(operations, UINT64_MAX);
        core::departure_of(operations, "argus-1.0");
    });
    if (entries.size() <= most_entries) write_again(entries);
    return 0;
}
