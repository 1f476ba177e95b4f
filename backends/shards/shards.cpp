// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/shards.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>

#include "backends/shards/cut.hpp"
#include "backends/shards/gzip.hpp"
#include "backends/shards/stored_shard.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace shards {
namespace {

// Shards that are open at one time. Bounds descriptors; memory is one section for each stream.
constexpr std::size_t window = 128;

// The two forms of a file: section 2 * file + form of a shard.
enum Form : std::size_t { plain, gzip, forms };

/// One output: a form of a file, hashed while it is written.
class Stream {
  public:
    explicit Stream(const std::filesystem::path& file) : name_(file.string()) {
        if (!file.empty()) file_ = core::File::create(file);
    }

    void append(std::string_view bytes) {
        hasher_.update(bytes);
        size_ += bytes.size();
        if (name_.empty()) return;
        core::with_context(name_, [&] { file_.write(bytes); });
    }

    /// True while nothing was written.
    bool empty() const { return size_ == 0; }

    void finish(core::Digest& digest, std::uint64_t& size) {
        digest = hasher_.finish();
        size = size_;
        if (name_.empty()) return;
        // To disk, in the background: the flush before the commit has less to wait for.
        ::sync_file_range(file_.descriptor(), 0, 0, SYNC_FILE_RANGE_WRITE);
        core::with_context(name_, [&] { file_.close(); });
    }

  private:
    std::string name_;
    core::File file_;
    core::Hasher hasher_;
    std::uint64_t size_ = 0;
};

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

/// The open text and the gzip member of each file, and the counts of lines, as StoredShard keeps
/// them.
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

/// Writes one index; used once.
class Writer {
  public:
    Writer(const core::Cache& cache, const std::string& kind, const std::vector<File>& files,
           const Render& render)
        : directory_(cache.directory() / "shards"), kind_(kind), files_(files), render_(render) {
        for (const File& file : files) {
            streams_.emplace_back(file.plain);
            streams_.emplace_back(file.gzip);
            if (file.count_lines) lines_.emplace_back();
        }
        rooms_.resize(sections());
    }

    std::vector<Written> write(const core::Rows& rows, Cut where) {
        append_own_texts(&File::header);
        const std::vector<Part> parts = cut(rows, where);
        for (std::size_t begin = 0; begin < parts.size(); begin += window) {
            const std::size_t count = std::min(window, parts.size() - begin);
            append_window(std::span(parts).subspan(begin, count));
        }
        append_own_texts(&File::footer);
        return finish();
    }

  private:
    /// Headers and footers: gzip members of their own, so that they share nothing with the shards.
    void append_own_texts(std::string File::*text) {
        Compressor compressor;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const std::string& own = files_[i].*text;
            if (own.empty()) continue;
            streams_[2 * i + plain].append(own);
            streams_[2 * i + gzip].append(compressor.member(own));
        }
    }

    void append_window(std::span<const Part> parts) {
        std::vector<core::Digest> keys(parts.size());
        std::vector<std::optional<StoredShard>> shards(parts.size());
        core::parallel_for(parts.size(), [&](std::size_t i) {
            keys[i] = key_of(parts[i], kind_, files_.size());
            shards[i] = StoredShard::open(directory_, keys[i], sections());
            if (!shards[i]) shards[i] = make(parts[i], keys[i]);
        });
        core::parallel_for(sections(), [&](std::size_t section) {
            std::string& room = rooms_[section];
            for (std::size_t i = 0; i < parts.size(); ++i) {
                auto bytes = shards[i]->read(section, room);
                // Damaged inside. Other streams may find the same and do the same: harmless.
                if (!bytes) bytes = make(parts[i], keys[i]).read(section, room);
                if (!bytes) {
                    throw core::Error("cannot read back what was just written below " +
                                      directory_.string());
                }
                check_joints(section, *bytes);
                if (section < streams_.size()) {
                    streams_[section].append(*bytes);
                } else {
                    lines_[section - streams_.size()] += *bytes;
                }
            }
        });
    }

    /// That a shard can stand between any two others.
    void check_joints(std::size_t section, std::string_view text) const {
        if (section >= streams_.size() || section % forms != plain) return;
        const Reading& reading = files_[section / forms].reading;
        if (text.starts_with(reading.begin) && text.ends_with(reading.end)) return;
        throw core::Error("a shard of " + kind_ + " begins or ends within an entry");
    }

    std::size_t sections() const { return streams_.size() + lines_.size(); }

    StoredShard make(Part part, const core::Digest& key) const {
        return StoredShard::create(directory_, key, make_sections(part, files_, render_));
    }

    std::vector<Written> finish() {
        std::vector<Written> all(files_.size());
        auto lines = lines_.begin();
        for (std::size_t i = 0; i < files_.size(); ++i) {
            Stream& compressed = streams_[2 * i + gzip];
            // A gzip file has at least one member (RFC 1952 §2.2): zero bytes are none.
            if (compressed.empty()) compressed.append(Compressor().member(""));
            streams_[2 * i + plain].finish(all[i].plain_digest, all[i].plain_size);
            compressed.finish(all[i].gzip_digest, all[i].gzip_size);
            if (files_[i].count_lines) all[i].lines = counts_in(*lines++);
        }
        return all;
    }

    const std::filesystem::path directory_;
    const std::string& kind_;
    const std::vector<File>& files_;
    const Render& render_;
    std::vector<Stream> streams_;
    std::vector<std::string> lines_;  // as sections have them, of the files that count
    std::vector<std::string> rooms_;  // one for each section, to read it into
};

}  // namespace

std::vector<Written> write_index(const core::Cache& cache, const std::string& kind,
                                 const core::Rows& rows, const std::vector<File>& files,
                                 const Render& render, Cut where) {
    return Writer(cache, kind, files, render).write(rows, where);
}

}  // namespace shards
