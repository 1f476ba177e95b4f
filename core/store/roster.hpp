// SPDX-License-Identifier: GPL-3.0-or-later
// The rosters: which rows each index of a published repository has. They follow from the records of
// the releases that stand there; the cache keeps them so that a change reads one file, not all
// records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/repository.hpp"
#include "core/store/cache.hpp"

namespace core {

/// A release joins or leaves a row.
struct Edit {
    bool join = true;
    std::string release;
    Row row;  // its `releases` are not looked at
};

/// What edits did to the rows of an index. A row whose first release left while another keeps it
/// goes to that one's place: it is among the removed and, with its new arrival, among the added.
struct Change {
    std::vector<Row> added;
    std::vector<Row> removed;
    Rows rows;  // the result

    bool operator==(const Change&) const = default;
};

/// Rows must be in order; all that results is. `arrivals` are those after the edits. Throws Error
/// if a path would name two contents.
Change edited(Rows rows, const std::vector<Edit>& edits, const Arrivals& arrivals);

/// The last one of each repository and index that was saved; asked for by the generation that
/// composed it.
class RosterStore {
  public:
    explicit RosterStore(Cache cache) : cache_(std::move(cache)) {}

    std::optional<Rows> load(const std::string& repository, std::string_view index,
                             std::uint64_t composed) const;
    void save(const std::string& repository, std::string_view index, std::uint64_t composed,
              const Rows& rows) const;

  private:
    Cache cache_;
};

}  // namespace core
