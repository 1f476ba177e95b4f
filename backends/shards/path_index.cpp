// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/path_index.hpp"

#include <algorithm>
#include <iterator>
#include <list>
#include <unordered_set>
#include <utility>

#include "backends/shards/path_lines.hpp"
#include "backends/shards/path_table.hpp"
#include "backends/shards/path_writer.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace shards {
namespace {

/// Shards that are cut the same way whatever changes outside: only the last one's end is a border.
struct Run {
    std::span<const PathShard> shards;
    PathOwners removed;
    PathOwners added;
    std::string text;   // of all its shards
    PathOwners owners;  // afterwards; views into `text` and into contributions

    bool touched() const { return !removed.empty() || !added.empty(); }
};

PathOwners without(const PathOwners& a, const PathOwners& b) {
    PathOwners result;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

PathOwners with(const PathOwners& a, const PathOwners& b) {
    PathOwners result;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

/// The rows of the earlier state, in their order.
RowList earlier_rows(const core::Rows& rows, const Difference& difference) {
    const auto by_path = [](const core::Row& a, const core::Row& b) { return a.path < b.path; };
    RowList earlier;
    earlier.reserve(rows.size() + difference.removed.size());
    auto added = difference.added.begin();
    auto removed = difference.removed.begin();
    for (const core::Row& row : rows) {
        for (; removed != difference.removed.end() && by_path(*removed, row); ++removed) {
            earlier.push_back(&*removed);
        }
        while (added != difference.added.end() && by_path(*added, row)) ++added;
        if (added == difference.added.end() || by_path(row, *added)) earlier.push_back(&row);
    }
    for (; removed != difference.removed.end(); ++removed) earlier.push_back(&*removed);
    return earlier;
}

RowList all_rows(const core::Rows& rows) {
    RowList list;
    list.reserve(rows.size());
    for (const core::Row& row : rows) list.push_back(&row);
    return list;
}

/// Those of packages with these names.
RowList named(const RowList& rows, const std::unordered_set<std::string_view>& names) {
    RowList list;
    for (const core::Row* row : rows) {
        if (names.contains(row->name)) list.push_back(row);
    }
    return list;
}

std::vector<Run> runs_of(const PathTable& earlier) {
    const std::vector<PathShard>& table = earlier.shards;
    std::vector<Run> runs;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (!border_after(table[i].last) && i + 1 < table.size()) continue;
        runs.push_back({std::span(table).subspan(begin, i + 1 - begin), {}, {}, {}, {}});
        begin = i + 1;
    }
    return runs;
}

/// Gives each run its part of a list of edits; what is beyond all of them is the last one's.
void distribute(const PathOwners& edits, std::vector<Run>& runs, PathOwners Run::*list) {
    auto run = runs.begin();
    for (const PathOwner& edit : edits) {
        while (run + 1 != runs.end() && run->shards.back().last < edit.path) ++run;
        ((*run).*list).push_back(edit);
    }
}

/// Makes one index; used once.
class Maker {
  public:
    Maker(const core::Cache& cache, const std::string& kind, const Contribute& contribute,
          const std::filesystem::path& gzip)
        : tables_(cache.directory() / "shards", kind + '\0' + path_compressor_name()),
          contribute_(contribute),
          gzip_(gzip) {}

    Written make(const core::Rows& rows, const Difference& difference) {
        const RowList now = all_rows(rows);
        const core::Digest state = tables_.state_of(now);
        try {
            if (auto table = tables_.load(state)) {
                begin_from(std::move(*table));
                return write(joined());
            }
            if (change(earlier_rows(rows, difference), now, difference)) {
                Written written = write(joined());
                tables_.save(state, table_);
                return written;
            }
        } catch (const Lost&) {
            begin_from({});  // from nothing, below
        }
        PathPieces pieces;
        append_new(contributed_by(now), pieces);
        Written written = write(pieces);
        tables_.save(state, table_);
        return written;
    }

  private:
    void begin_from(PathTable table) {
        earlier_ = std::move(table);
        packs_ = tables_.packs_of(earlier_);
        runs_ = runs_of(earlier_);
    }

    Written write(const PathPieces& pieces) {
        return write_pieces(tables_, earlier_, packs_, pieces, gzip_, table_);
    }

    /// Edits the index of `before` into that of `now`; false if it is better made from nothing.
    bool change(const RowList& before, const RowList& now, const Difference& difference) {
        const std::size_t changes = difference.added.size() + difference.removed.size();
        if (changes > now.size() / 4) return false;
        auto table = tables_.load(tables_.state_of(before));
        if (!table || table->shards.empty()) return false;
        begin_from(std::move(*table));
        std::unordered_set<std::string_view> names;
        for (const core::Row& row : difference.added) names.insert(row.name);
        for (const core::Row& row : difference.removed) names.insert(row.name);
        const PathOwners old_ones = gone(named(before, names));
        const PathOwners new_ones = contributed_by(named(now, names));
        distribute(without(old_ones, new_ones), runs_, &Run::removed);
        distribute(without(new_ones, old_ones), runs_, &Run::added);
        core::parallel_for(runs_.size(), [&](std::size_t i) {
            if (runs_[i].touched()) edit(runs_[i]);
        });
        return true;
    }

    PathOwners contributed_by(const RowList& rows) {
        std::vector<Contribution>& read = contributions_.emplace_back(rows.size());
        core::parallel_for(rows.size(), [&](std::size_t i) { read[i] = contribute_(*rows[i]); });
        PathOwners all;
        for (const Contribution& one : read) {
            for (std::string_view rest = one.paths; !rest.empty();) {
                const std::string_view path = rest.substr(0, rest.find('\n'));
                if (!path.empty()) all.push_back({path, one.owner});
                rest.remove_prefix(std::min(rest.size(), path.size() + 1));
            }
        }
        put_in_order(all);
        return all;
    }

    /// The same of rows that were there: their packages may be gone, and are not needed to make the
    /// index from nothing.
    PathOwners gone(const RowList& rows) {
        try {
            return contributed_by(rows);
        } catch (const core::Error&) {
            throw Lost();
        }
    }

    void load(Run& run) const {
        std::string room;
        for (const PathShard& shard : run.shards) run.text += packs_.read_text(shard, room);
        run.owners = owners_in(run.text);
    }

    void edit(Run& run) const {
        load(run);
        run.owners = with(without(run.owners, run.removed), run.added);
    }

    /// Runs that were touched as new pieces, the others as they were. If the path at a border left,
    /// what follows it is cut anew together with what was before it.
    PathPieces joined() {
        PathPieces pieces;
        PathOwners open;
        for (Run& run : runs_) {
            if (open.empty() && !run.touched()) {
                for (const PathShard& shard : run.shards) pieces.push_back({shard, {}});
                continue;
            }
            if (!run.touched()) load(run);
            open.insert(open.end(), run.owners.begin(), run.owners.end());
            if (!open.empty() && border_after(open.back().path)) {
                append_new(std::exchange(open, {}), pieces);
            }
        }
        append_new(std::move(open), pieces);
        return pieces;
    }

    void append_new(PathOwners owners, PathPieces& pieces) {
        const PathOwners& kept = owners_.emplace_back(std::move(owners));
        for (const PathPart part : cut_paths(kept)) {
            PathPiece& piece = pieces.emplace_back();
            piece.shard.last = part.back().path;
            piece.lines = part;
        }
    }

    const PathTables tables_;
    const Contribute& contribute_;
    const std::filesystem::path& gzip_;
    PathTable table_;    // of the index that is made
    PathTable earlier_;  // of the one it is made from
    PathPacks packs_;
    std::vector<Run> runs_;
    // What the views of pieces look into.
    std::list<std::vector<Contribution>> contributions_;
    std::list<PathOwners> owners_;
};

}  // namespace

Written write_path_index(const core::Cache& cache, const std::string& kind, const core::Rows& rows,
                         const Difference& difference, const Contribute& contribute,
                         const std::filesystem::path& gzip) {
    return Maker(cache, kind, contribute, gzip).make(rows, difference);
}

}  // namespace shards
