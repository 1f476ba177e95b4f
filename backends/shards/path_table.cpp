// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/path_table.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string_view>

namespace shards {
namespace {

/// A line for each shard: its numbers, then its last path, which may have blanks.
std::string line_of(const PathShard& shard) {
    return fmt::format("{} {} {} {} {} {} {} {}\n", shard.pack, shard.text.offset, shard.text.size,
                       shard.text.crc, shard.member.offset, shard.member.size, shard.member.crc,
                       shard.last);
}

/// Takes a number and the character after it. What is read here bears a checksum: it is
/// well-formed.
template <class Number>
void take(std::string_view& text, Number& number) {
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
}

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    return line;
}

PathTable parse_table(std::string_view text) {
    PathTable table;
    std::size_t packs = 0;
    for (take(text, packs); packs > 0; --packs) {
        table.packs.push_back(core::Digest::parse(take_line(text)));
    }
    while (!text.empty()) {
        PathShard& shard = table.shards.emplace_back();
        take(text, shard.pack);
        for (StoredShard::Section* section : {&shard.text, &shard.member}) {
            take(text, section->offset);
            take(text, section->size);
            take(text, section->crc);
        }
        shard.last = take_line(text);
    }
    return table;
}

// Of a pack.
enum Content : std::size_t { texts, members, contents };

}  // namespace

PathPacks::PathPacks(const std::filesystem::path& directory, const PathTable& table) {
    for (const core::Digest& name : table.packs) {
        auto pack = StoredShard::open(directory, name, contents);
        if (!pack) throw Lost();
        packs_.push_back(std::move(*pack));
    }
}

std::string_view PathPacks::read_text(const PathShard& shard, std::string& room) const {
    const auto text = packs_.at(shard.pack).read(texts, shard.text, room);
    return text ? *text : throw Lost();
}

std::string_view PathPacks::read_member(const PathShard& shard, std::string& room) const {
    const auto member = packs_.at(shard.pack).read(members, shard.member, room);
    return member ? *member : throw Lost();
}

PathTables::PathTables(std::filesystem::path directory, std::string kind)
    : directory_(std::move(directory)), kind_(std::move(kind)) {}

std::optional<PathTable> PathTables::load(const core::Digest& state) const {
    const auto stored = StoredShard::open(directory_, state, 1);
    if (!stored) return std::nullopt;
    std::string room;
    const auto text = stored->read(0, room);
    if (!text) return std::nullopt;
    return parse_table(*text);
}

void PathTables::save(const core::Digest& state, const PathTable& table) const {
    std::string text = std::to_string(table.packs.size()) + "\n";
    for (const core::Digest& pack : table.packs) text += pack.hex() + "\n";
    for (const PathShard& shard : table.shards) text += line_of(shard);
    StoredShard::create(directory_, state, {text});
}

core::Digest PathTables::save_pack(std::string texts, std::string members) const {
    core::Hasher hasher;
    hasher.update("pack of " + kind_ + '\0');
    hasher.update(texts);
    const core::Digest key = hasher.finish();
    StoredShard::create(directory_, key, {std::move(texts), std::move(members)});
    return key;
}

core::Digest PathTables::state_of(const RowList& rows) const {
    std::string text = "table of " + kind_ + '\0';
    for (const core::Row* row : rows) {
        text.append(reinterpret_cast<const char*>(row->digest.bytes.data()),
                    row->digest.bytes.size());
    }
    return core::sha256(text);
}

}  // namespace shards
