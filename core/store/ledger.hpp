// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger: what was intended and what became of it, append-only.
//
// ledger.jsonl has one JSON object a line; `previous` is the SHA-256 of the line before it, so that
// no line can be changed or taken out unseen. An intent is written before anything else happens;
// the line that follows it says committed or abandoned. A last line without a newline was torn by a
// crash and counts for nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/operation.hpp"
#include "core/model/state.hpp"

namespace core {

struct LedgerEntry {
    enum class Event { intent, committed, abandoned };

    Event event = Event::intent;
    Time time{};
    std::uint64_t number = 0;            // of the operation
    std::optional<Operation> operation;  // with an intent
};

std::string_view name(LedgerEntry::Event event);

class Ledger {
  public:
    explicit Ledger(std::filesystem::path file);

    /// Cuts a torn last line. Needs the depot's lock.
    void recover();

    std::vector<LedgerEntry> read() const;

    /// What was appended after the line with a digest; everything, and `continues` is false, if
    /// there is no such line.
    struct Tail {
        std::vector<LedgerEntry> entries;
        bool continues = false;
        std::string last;  // the digest of the last line
    };
    Tail read_after(std::string_view digest) const;

    /// The last entry, without reading the others.
    std::optional<LedgerEntry> last() const;

    /// Durable when it returns. Needs the depot's lock.
    void append(const LedgerEntry& entry);

    /// The first line whose place in the chain is wrong, 1-based; nothing if the chain is whole.
    std::optional<std::size_t> broken_link() const;

  private:
    std::filesystem::path file_;
};

/// The operations that were committed, in order, with their time.
struct CommittedOperation {
    Operation operation;
    Time time{};
};
std::vector<CommittedOperation> committed(const std::vector<LedgerEntry>& entries);

/// How a release that stands in no stage left the last one, as a Departure says it; empty if it
/// was in none.
std::string departure_of(const std::vector<CommittedOperation>& operations,
                         const std::string& release);

/// The standing after operation `number`, replayed from the beginning.
Standing standing_after(const std::vector<CommittedOperation>& operations, std::uint64_t number);
Arrivals arrivals_after(const std::vector<CommittedOperation>& operations, std::uint64_t number);

}  // namespace core
