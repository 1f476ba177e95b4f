// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/shards.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <fmt/format.h>

#include "backends/shards/cut.hpp"
#include "backends/shards/gzip.hpp"
#include "backends/shards/milestones.hpp"
#include "backends/shards/output.hpp"
#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "core/system/parallel.hpp"

namespace shards {
namespace fs = std::filesystem;
namespace {

// Shards that are in memory at one time, at the least: two for each processor.
constexpr std::size_t least_window = 16;

// Seconds. Shards that are copied and not read are marked as used so often.
constexpr std::int64_t often_enough = 24 * 60 * 60;

// The two forms of a file, outputs both: section 2 * file + form of a shard.
enum Form : std::size_t { plain, gzip, forms };

constexpr std::size_t count_size = 4;  // little-endian

void append_count(std::string& bytes, std::size_t count) {
    for (std::size_t i = 0; i < count_size; ++i) bytes += static_cast<char>(count >> 8 * i & 0xff);
}

std::vector<std::uint32_t> counts_in(std::string_view bytes) {
    std::vector<std::uint32_t> counts(bytes.size() / count_size);
    for (std::size_t i = 0; i < counts.size() * count_size; ++i) {
        const std::uint32_t byte = static_cast<unsigned char>(bytes[i]);
        counts[i / count_size] |= byte << 8 * (i % count_size);
    }
    return counts;
}

/// That a client will find the rows in their text, no more and no less.
void check_rows(const Reading& reading, Part part, std::string_view text) {
    if (!reading.count) return;
    core::with_context("the index entries from " + std::string(part.front().path) + " on", [&] {
        const std::size_t count = reading.count(text);
        if (count == part.size()) return;
        throw core::Error(fmt::format("{} packages have {} of them", part.size(), count));
    });
}

/// What a shard is kept as: the open text and the gzip member of each file, then how many lines
/// each row has, of files whose lines are counted.
std::vector<std::string> make_sections(Part part, const std::vector<File>& files,
                                       const Render& render) {
    std::vector<std::string> texts(files.size()), lines(files.size());
    for (const core::Row& row : part) {
        const Fragments fragments = render(row);
        if (fragments.size() != files.size()) {
            throw core::Error(fmt::format("the index entry of {} is incomplete", row.path));
        }
        for (std::size_t file = 0; file < files.size(); ++file) {
            const std::string& text = fragments[file];
            texts[file] += text;
            if (!files[file].count_lines) continue;
            const auto count = std::count(text.begin(), text.end(), '\n');
            append_count(lines[file], static_cast<std::size_t>(count));
        }
    }
    for (std::size_t file = 0; file < files.size(); ++file) {
        check_rows(files[file].reading, part, texts[file]);
    }
    Compressor compressor;
    std::vector<std::string> sections;
    for (std::string& text : texts) {
        std::string member = compressor.member(text);
        sections.push_back(std::move(text));
        sections.push_back(std::move(member));
    }
    for (std::size_t file = 0; file < files.size(); ++file) {
        if (files[file].count_lines) sections.push_back(std::move(lines[file]));
    }
    return sections;
}

/// A shard and its sections, which are views into it. It stays where it is.
struct Shard {
    std::string value;
    std::vector<std::string_view> sections;
};

/// Writes one index; used once.
class Writer {
  public:
    Writer(const core::Cache& cache, const std::string& kind, const std::vector<File>& files,
           const Render& render, const std::string& notes)
        : cache_(cache), kind_(kind), files_(files), render_(render), notes_(notes) {
        for (const File& file : files) {
            outputs_.emplace_back(file.plain);
            outputs_.emplace_back(file.gzip);
            if (file.count_lines) lines_.emplace_back();
        }
    }

    std::vector<Written> write(const core::Rows& rows, Cut where) {
        parts_ = cut(rows, where);
        keys_.resize(parts_.size());
        core::parallel_for(parts_.size(), [&](std::size_t i) {
            keys_[i] = key_of(parts_[i], kind_, files_.size());
        });
        if (!notes_.empty()) chain_ = chain_of(start_of_chain(), keys_);
        std::size_t begin = begin_as_before();
        if (begin == 0) append_own_texts(&File::header);
        expect_milestones(begin);
        const std::size_t window = std::max(least_window, 2 * core::parallel_width());
        for (; begin < parts_.size(); begin += window) {
            append_window(begin, std::min(begin + window, parts_.size()));
        }
        append_own_texts(&File::footer);
        save_milestones();
        return finish();
    }

  private:
    /// All that an index says and its rows do not.
    std::string start_of_chain() const {
        std::string text = kind_;
        for (const File& file : files_) {
            text += fmt::format("\n{} {} {}", file.count_lines, file.header.size(), file.header);
        }
        return text;
    }

    /// Goes on from the last milestone that the index before has in common with this one; returns
    /// how many shards are in front of it. 0: nothing was begun.
    std::size_t begin_as_before() {
        if (notes_.empty() || !core::Hasher::can_go_on()) return 0;
        for (const File& file : files_) {
            if (!file.plain.empty()) return 0;
        }
        const auto text = cache_.get(notes_);
        if (!text) return 0;
        auto before = milestones_in(*text, outputs_.size(), lines_.size());
        if (!before) return 0;
        std::erase_if(before->all, [&](const Milestone& milestone) {
            return milestone.shards > parts_.size() || chain_[milestone.shards] != milestone.chain;
        });
        if (before->all.empty() || !begin_at(before->all.back(), before->lines)) return 0;
        milestones_ = std::move(before->all);
        const std::size_t begin = milestones_.back().shards;
        mark_shards_used(begin, before->marked);
        return begin;
    }

    /// The first `count` are not read, and still what this index is made of if a row of them
    /// leaves.
    void mark_shards_used(std::size_t count, std::int64_t marked) {
        if (marked_ - marked < often_enough) {
            marked_ = marked;
            return;
        }
        for (std::size_t i = 0; i < count; ++i) cache_.mark_as_used(core::Cache::Key(keys_[i]));
    }

    bool begin_at(const Milestone& milestone, const std::vector<std::string>& lines) {
        std::size_t rows = 0;
        for (std::size_t i = 0; i < milestone.shards; ++i) rows += parts_[i].size();
        for (const std::string& counts : lines) {
            if (counts.size() < rows * count_size) return false;
        }
        std::atomic<bool> begun{true};
        core::parallel_for(outputs_.size(), [&](std::size_t i) {
            const fs::path& earlier = files_[i / forms].earlier;
            if (!outputs_[i].begin_as(earlier, milestone.places[i])) begun = false;
        });
        if (!begun) {
            // Some may have begun: all are to begin with their headers.
            for (Output& output : outputs_) output.begin_anew();
            return false;
        }
        for (std::size_t i = 0; i < lines.size(); ++i) {
            lines_[i] = lines[i].substr(0, rows * count_size);
        }
        return true;
    }

    /// Those of before that are still wanted, and room for those that are met from `begin` on.
    void expect_milestones(std::size_t begin) {
        if (notes_.empty()) return;
        std::erase_if(milestones_, [&](const Milestone& milestone) {
            return !is_milestone(milestone.shards, parts_.size());
        });
        for (std::size_t shards = begin + 1; shards <= parts_.size(); ++shards) {
            if (!is_milestone(shards, parts_.size())) continue;
            milestones_.push_back({shards, chain_[shards], std::vector<Place>(outputs_.size())});
        }
    }

    /// Called for each output by one thread, after each shard.
    void pass(std::size_t shards, std::size_t output) {
        const auto found = std::ranges::lower_bound(milestones_, shards, {}, &Milestone::shards);
        if (found == milestones_.end() || found->shards != shards) return;
        found->places[output] = outputs_[output].place();
    }

    void save_milestones() const {
        if (notes_.empty()) return;
        cache_.put(notes_, text_of({milestones_, lines_, marked_}));
    }

    /// Headers and footers: gzip members of their own, so that they share nothing with the shards.
    void append_own_texts(std::string File::*text) {
        Compressor compressor;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const std::string& own = files_[i].*text;
            if (own.empty()) continue;
            outputs_[2 * i + plain].append(own);
            outputs_[2 * i + gzip].append(compressor.member(own));
        }
    }

    void append_window(std::size_t begin, std::size_t end) {
        std::vector<Shard> shards(end - begin);
        core::parallel_for(shards.size(), [&](std::size_t i) { fill(shards[i], begin + i); });
        core::parallel_for(sections(), [&](std::size_t section) {
            for (std::size_t i = begin; i < end; ++i) {
                const std::string_view bytes = shards[i - begin].sections[section];
                check_joints(section, bytes);
                if (section < outputs_.size()) {
                    outputs_[section].append(bytes);
                    pass(i + 1, section);
                } else {
                    lines_[section - outputs_.size()] += bytes;
                }
            }
        });
    }

    /// From the cache, or else made, and put there.
    void fill(Shard& shard, std::size_t i) const {
        const core::Cache::Key key(keys_[i]);
        if (auto kept = cache_.get(key)) {
            shard.value = *std::move(kept);
            if (auto parts = parts_of(shard.value, sections())) {
                shard.sections = *std::move(parts);
                return;
            }
        }
        shard.value = core::pack_texts(make_sections(parts_[i], files_, render_));
        shard.sections = parts_of(shard.value, sections()).value();
        cache_.put(key, shard.value);
    }

    /// That a shard can stand between any two others.
    void check_joints(std::size_t section, std::string_view text) const {
        if (section >= outputs_.size() || section % forms != plain) return;
        const Reading& reading = files_[section / forms].reading;
        if (text.starts_with(reading.begin) && text.ends_with(reading.end)) return;
        throw core::Error("a shard of " + kind_ + " begins or ends within an entry");
    }

    std::size_t sections() const { return outputs_.size() + lines_.size(); }

    std::vector<Written> finish() {
        std::vector<Written> all(files_.size());
        auto lines = lines_.begin();
        for (std::size_t i = 0; i < files_.size(); ++i) {
            Output& compressed = outputs_[2 * i + gzip];
            // A gzip file has at least one member (RFC 1952 §2.2): zero bytes are none.
            if (compressed.empty()) compressed.append(Compressor().member(""));
            outputs_[2 * i + plain].finish(all[i].plain_digest, all[i].plain_size, all[i].files);
            compressed.finish(all[i].gzip_digest, all[i].gzip_size, all[i].files);
            if (files_[i].count_lines) all[i].lines = counts_in(*lines++);
        }
        return all;
    }

    const core::Cache& cache_;
    const std::string& kind_;
    const std::vector<File>& files_;
    const Render& render_;
    const std::string& notes_;
    std::vector<Part> parts_;
    std::vector<core::Digest> keys_;   // of the parts
    std::vector<core::Digest> chain_;  // if there are notes to make
    std::vector<Milestone> milestones_;
    std::int64_t marked_ = std::time(nullptr);  // Milestones::marked
    std::vector<Output> outputs_;
    std::vector<std::string> lines_;  // as sections have them, of the files that count
};

}  // namespace

std::string notes_of(const core::Composition& composition, std::string_view index) {
    return fmt::format("milestones of {} {}", composition.repository.path(), index);
}

std::vector<Written> write_index(const core::Cache& cache, const std::string& kind,
                                 const core::Rows& rows, const std::vector<File>& files,
                                 const Render& render, Cut where, const std::string& notes) {
    return Writer(cache, kind, files, render, notes).write(rows, where);
}

}  // namespace shards
