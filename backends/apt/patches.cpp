// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/patches.hpp"

#include <algorithm>
#include <numeric>

#include "backends/apt/release_file.hpp"
#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"
#include "core/model/layout.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace apt {
namespace fs = std::filesystem;
namespace {

/// A file of the generation before. What clients are offered must not be lost to a disk that did
/// not answer; a file that it never gives again is for the operator to take away.
std::string read_earlier(const fs::path& file) {
    return core::with_context(
        "the generation before cannot be read; without this file it is made anew",
        [&] { return core::read_file(file); });
}

/// The bytes of a file if they are what they should be; nothing if they are not, or it is missing.
std::optional<std::string> read_sound(const fs::path& file, const Content& content) {
    if (core::size_of(file) != content.size) return std::nullopt;
    std::string bytes = read_earlier(file);
    return core::sha256(bytes) == content.digest ? std::optional(std::move(bytes)) : std::nullopt;
}

/// Finds where in the old text the entries stood that left, and where those belong that came.
class Changes {
  public:
    explicit Changes(const IndexState& state) : state_(state) {}

    /// Throws Error if an entry is not to be had, or the changes do not lead from `before` to what
    /// was written.
    std::vector<LineChange> between(const Content& before) {
        auto removed = state_.removed.begin();
        for (const core::Row& added : state_.added) {
            while (removed != state_.removed.end() && !core::in_order(added, *removed)) {
                remove(*removed++);
            }
            add(added);
        }
        while (removed != state_.removed.end()) remove(*removed++);
        // What was published was made of other rows, or by another version of this program.
        if (before.size + came_ != state_.written.plain_size + left_) {
            throw core::Error("the changes of " + state_.name + " do not add up");
        }
        return std::move(changes_);
    }

  private:
    void advance_to(const core::Row& row) {
        const auto& rows = state_.rows;
        const auto from = rows.begin() + next_;
        const auto to = std::lower_bound(from, rows.end(), row, core::in_order);
        const auto lines = state_.written.lines.begin() + next_;
        line_ = std::accumulate(lines, lines + (to - from), line_);
        next_ += to - from;
    }

    void remove(const core::Row& row) {
        advance_to(row);
        const std::string entry = state_.entry(row);
        const auto lines = static_cast<std::uint64_t>(std::count(entry.begin(), entry.end(), '\n'));
        changes_.push_back({line_, lines, {}});
        line_ += lines;
        left_ += entry.size();
    }

    void add(const core::Row& row) {
        advance_to(row);
        changes_.push_back({line_, 0, state_.entry(row)});
        came_ += changes_.back().coming.size();
        ++next_;
    }

    const IndexState& state_;
    std::vector<LineChange> changes_;
    std::ptrdiff_t next_ = 0;            // the first row of the new text not yet passed
    std::uint64_t line_ = 0;             // lines of the old text in front of it
    std::uint64_t left_ = 0, came_ = 0;  // bytes
};

/// The script from `before` to the new state; nothing if it cannot be made or would be too large.
std::optional<std::string> script_from(const Content& before, const IndexState& state) {
    if (state.added.size() + state.removed.size() > state.rows.size() / 2) return std::nullopt;
    try {
        return ed_script(Changes(state).between(before));
    } catch (const core::Error&) {
        // Of a package that leaves: those that stay are in the index already. One that is damaged,
        // or on a disk that does not give it, must not keep anyone from taking it out of a stage.
        return std::nullopt;
    }
}

/// Makes what is offered of one index; used once.
class Offer {
  public:
    Offer(const EarlierSuite& earlier, const IndexState& state, std::uint64_t generation,
          const fs::path& suite)
        : earlier_(earlier),
          state_(state),
          directory_(state.name + "/Packages.diff"),
          generation_(core::Layout::generation_name(generation)),
          suite_(suite) {}

    WrittenPatches make() {
        const auto before = earlier_.find(state_.name + "/Packages");
        if (!before) return {};  // no client has anything that could be patched
        DiffIndex index = carried(*before);
        const Content current{state_.written.plain_digest, state_.written.plain_size};
        if (*before != current) index = extended(std::move(index), current);
        shorten(index, state_.written.gzip_size / 2);
        if (!index.patches.empty()) write(index);
        return std::move(offered_);
    }

  private:
    std::string path_of(const Patch& patch) const { return directory_ + "/" + patch.name + ".gz"; }

    /// The sound part of what was offered for `before`; without patches if there is none.
    DiffIndex carried(const Content& before) const {
        DiffIndex index{before, {}};
        const auto listed = earlier_.find(directory_ + "/Index");
        if (!listed) return index;
        const std::string by_hash = directory_ + "/by-hash/SHA256/" + listed->digest.hex();
        const auto text = read_sound(earlier_.file(by_hash), *listed);
        if (!text) return index;
        try {
            DiffIndex found = parse_diff_index(*text);
            if (found.current == before) index = std::move(found);
        } catch (const core::Error&) {
            return index;  // of another version of this program
        }
        drop_unsound(index.patches);
        return index;
    }

    /// A patch that is lost cuts off those before it.
    void drop_unsound(std::vector<Patch>& patches) const {
        const auto lost = std::find_if(patches.rbegin(), patches.rend(), [&](const Patch& patch) {
            return !read_sound(earlier_.file(path_of(patch)), patch.gzip);
        });
        patches.erase(patches.begin(), lost.base());
    }

    DiffIndex extended(DiffIndex index, const Content& current) {
        const auto script = script_from(index.current, state_);
        if (!script) return {current, {}};
        newest_ = shards::Compressor().member(*script);
        const core::Digest digest = core::sha256(newest_);
        name_ = patch_name(digest, generation_);
        const Patch patch{name_,
                          index.current,
                          {core::sha256(*script), script->size()},
                          {digest, newest_.size()}};
        return continued(std::move(index), patch, current);
    }

    void write(const DiffIndex& index) {
        core::make_directories(suite_ / directory_ / "by-hash/SHA256");
        for (const Patch& patch : index.patches) {
            offered_.files.push_back(path_of(patch));
            const fs::path file = suite_ / offered_.files.back();
            if (patch.name == name_) {
                offered_.written.push_back(core::written_file(file, newest_));
            } else {
                core::hard_link(earlier_.file(offered_.files.back()), file);
            }
        }
        const std::string text = diff_index_text(index);
        offered_.written.push_back(core::written_file(suite_ / directory_ / "Index", text));
        offered_.index = Content{core::sha256(text), text.size()};
    }

    const EarlierSuite& earlier_;
    const IndexState& state_;
    const std::string directory_;
    const std::string generation_;
    const fs::path& suite_;
    std::string name_, newest_;  // the patch that is made now and its file; empty: none is
    WrittenPatches offered_;
};

}  // namespace

EarlierSuite::EarlierSuite(const core::Predecessor& before, const std::string& suite)
    : directory_(before.directory / "dists" / suite) {
    const fs::path release = directory_ / "Release";
    if (before.directory.empty() || !core::is_file(release)) return;
    const std::string text = read_earlier(release);
    try {
        for (const Listed& listed : parse_release(text).listed) {
            listed_[listed.path] = {listed.digest, listed.size};
        }
    } catch (const core::Error&) {
        listed_.clear();  // of another version of this program, or damaged
    }
}

std::optional<Content> EarlierSuite::find(const std::string& path) const {
    const auto found = listed_.find(path);
    return found == listed_.end() ? std::nullopt : std::optional(found->second);
}

WrittenPatches write_patches(const EarlierSuite& earlier, const IndexState& state,
                             std::uint64_t generation, const fs::path& suite) {
    return Offer(earlier, state, generation, suite).make();
}

}  // namespace apt
