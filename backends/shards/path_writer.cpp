// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/path_writer.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "backends/shards/gzip.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"

namespace shards {
namespace {

// Sorted paths have so much in common that more effort gains 3 % and takes three times as long.
constexpr int level = 1;

// Pieces that are in memory at one time.
constexpr std::size_t window = 512;

// A pack is closed when it has so much text: bounds memory.
constexpr std::size_t pack_size = 16u << 20;

// An index whose shards are in more packs than this and its size explain is copied into new ones,
// so that what it reads stays together and old packs can be collected.
constexpr std::size_t most_packs = 8;
constexpr std::size_t shards_of_a_pack = 512;

bool scattered(const PathPieces& pieces) {
    std::set<std::size_t> packs;
    for (const PathPiece& piece : pieces) {
        if (piece.lines.empty()) packs.insert(piece.shard.pack);
    }
    return packs.size() > most_packs + pieces.size() / shards_of_a_pack;
}

/// Writes one index; used once.
class PathWriter {
  public:
    PathWriter(const PathTables& tables, const PathTable& earlier, const PathPacks& packs,
               const PathPieces& pieces, const std::filesystem::path& gzip)
        : tables_(tables),
          earlier_(earlier),
          packs_(packs),
          pieces_(pieces),
          repack_(scattered(pieces)),
          name_(gzip.string()),
          file_(core::File::create(gzip)) {}

    Written write() {
        for (std::size_t begin = 0; begin < pieces_.size(); begin += window) {
            const std::size_t count = std::min(window, pieces_.size() - begin);
            make(begin, count);
            append(count);
            for (std::size_t i = 0; i < count; ++i) keep(pieces_[begin + i], buffers_[i]);
        }
        close_pack();
        // A gzip file has at least one member (RFC 1952 §2.2): zero bytes are none.
        if (pieces_.empty()) append_member(Compressor(level).member(""));
        core::with_context(name_, [&] { file_.close(); });
        written_.plain_digest = text_hasher_.finish();
        written_.gzip_digest = member_hasher_.finish();
        return written_;
    }

    PathTable table() && { return std::move(table_); }

  private:
    struct Buffer {
        std::string text_room, member_room;
        std::string_view text, member;  // in them
    };

    /// Reads or makes the text and the member of pieces.
    void make(std::size_t begin, std::size_t count) {
        if (buffers_.size() < count) buffers_.resize(count);
        core::parallel_for(count, [&](std::size_t i) {
            const PathPiece& piece = pieces_[begin + i];
            Buffer& buffer = buffers_[i];
            if (piece.lines.empty()) {
                buffer.text = packs_.read_text(piece.shard, buffer.text_room);
                buffer.member = packs_.read_member(piece.shard, buffer.member_room);
            } else {
                buffer.text = buffer.text_room = lines_of(piece.lines);
                buffer.member = buffer.member_room = Compressor(level).member(buffer.text);
            }
        });
    }

    /// Both forms at once, because each has to be hashed from its beginning to its end.
    void append(std::size_t count) {
        core::parallel_for(2, [&](std::size_t form) {
            for (std::size_t i = 0; i < count; ++i) {
                if (form == 0) {
                    text_hasher_.update(buffers_[i].text);
                    written_.plain_size += buffers_[i].text.size();
                } else {
                    append_member(buffers_[i].member);
                }
            }
        });
    }

    void append_member(std::string_view member) {
        member_hasher_.update(member);
        written_.gzip_size += member.size();
        core::with_context(name_, [&] { file_.write(member); });
    }

    /// Puts a piece into the table, and what is new into a pack.
    void keep(const PathPiece& piece, const Buffer& buffer) {
        table_.shards.push_back(piece.shard);
        PathShard& shard = table_.shards.back();
        if (piece.lines.empty() && !repack_) {
            const auto [known, first] = places_.try_emplace(shard.pack, table_.packs.size());
            if (first) table_.packs.push_back(earlier_.packs.at(shard.pack));
            shard.pack = known->second;
            return;
        }
        if (texts_.empty()) {
            pack_ = table_.packs.size();
            table_.packs.emplace_back();
        }
        shard.pack = pack_;
        shard.text = {texts_.size(), buffer.text.size(), crc32(buffer.text)};
        shard.member = {members_.size(), buffer.member.size(), crc32(buffer.member)};
        texts_ += buffer.text;
        members_ += buffer.member;
        if (texts_.size() >= pack_size) close_pack();
    }

    void close_pack() {
        if (texts_.empty()) return;
        table_.packs[pack_] =
            tables_.save_pack(std::exchange(texts_, {}), std::exchange(members_, {}));
    }

    const PathTables& tables_;
    const PathTable& earlier_;
    const PathPacks& packs_;
    const PathPieces& pieces_;
    const bool repack_;
    const std::string name_;
    core::File file_;
    core::Hasher text_hasher_;
    core::Hasher member_hasher_;
    Written written_;
    std::vector<Buffer> buffers_;
    PathTable table_;
    std::map<std::size_t, std::size_t> places_;  // of earlier packs in the table
    std::size_t pack_ = 0;                       // the one that is being filled
    std::string texts_;
    std::string members_;
};

}  // namespace

std::string path_compressor_name() {
    return compressor_name(level);
}

Written write_pieces(const PathTables& tables, const PathTable& earlier, const PathPacks& packs,
                     const PathPieces& pieces, const std::filesystem::path& gzip,
                     PathTable& table) {
    core::remove_tree(gzip);  // what an earlier attempt has left
    PathWriter writer(tables, earlier, packs, pieces, gzip);
    Written written = writer.write();
    table = std::move(writer).table();
    return written;
}

}  // namespace shards
