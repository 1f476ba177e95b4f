// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/milestones.hpp"

#include <bit>
#include <cstring>
#include <type_traits>

namespace shards {
namespace {

template <class Value>
void append(std::string& text, const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Reads what append() wrote; from the first value on that is not there, nothing.
class Values {
  public:
    explicit Values(std::string_view text) : text_(text) {}

    template <class Value>
    Value take() {
        Value value{};
        const std::string_view bytes = take(sizeof value);
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }

    std::string_view take(std::uint64_t size) {
        whole_ = whole_ && size <= text_.size();
        if (!whole_) return {};
        const std::string_view bytes = text_.substr(0, static_cast<std::size_t>(size));
        text_.remove_prefix(bytes.size());
        return bytes;
    }

    bool whole() const { return whole_; }
    bool at_end() const { return whole_ && text_.empty(); }

  private:
    std::string_view text_;
    bool whole_ = true;
};

}  // namespace

std::vector<core::Digest> chain_of(std::string_view start, std::span<const core::Digest> keys) {
    std::vector<core::Digest> chain{core::sha256(start)};
    const auto bytes_of = [](const core::Digest& digest) {
        return std::string_view(reinterpret_cast<const char*>(digest.bytes.data()),
                                digest.bytes.size());
    };
    core::Hasher hasher;
    for (const core::Digest& key : keys) {
        hasher.update(bytes_of(chain.back()));
        hasher.update(bytes_of(key));
        chain.push_back(hasher.finish());
    }
    return chain;
}

bool is_milestone(std::size_t shards, std::size_t count) {
    if (shards == 0 || shards > count) return false;
    return shards + (std::size_t{2} << std::countr_zero(shards)) > count;
}

std::string text_of(const Milestones& milestones) {
    std::string text;
    append(text, milestones.marked);
    append(text, std::uint64_t{milestones.all.size()});
    for (const Milestone& milestone : milestones.all) {
        append(text, std::uint64_t{milestone.shards});
        append(text, milestone.chain);
        for (const auto& [hash, crc] : milestone.places) {
            append(text, hash.words);
            append(text, hash.size);
            append(text, hash.begun);
            append(text, crc);
        }
    }
    for (const std::string& lines : milestones.lines) {
        append(text, std::uint64_t{lines.size()});
        text += lines;
    }
    return text;
}

std::optional<Milestones> milestones_in(std::string_view text, std::size_t outputs,
                                        std::size_t counted) {
    Values values(text);
    Milestones found;
    found.marked = values.take<std::int64_t>();
    for (auto left = values.take<std::uint64_t>(); left > 0 && values.whole(); --left) {
        Milestone& milestone = found.all.emplace_back();
        milestone.shards = static_cast<std::size_t>(values.take<std::uint64_t>());
        milestone.chain = values.take<core::Digest>();
        for (std::size_t i = 0; i < outputs; ++i) {
            auto& [hash, crc] = milestone.places.emplace_back();
            hash.words = values.take<decltype(hash.words)>();
            hash.size = values.take<std::uint64_t>();
            hash.begun = values.take<decltype(hash.begun)>();
            crc = values.take<std::uint32_t>();
        }
    }
    for (std::size_t i = 0; i < counted; ++i) {
        found.lines.emplace_back(values.take(values.take<std::uint64_t>()));
    }
    if (!values.at_end()) return std::nullopt;
    return found;
}

}  // namespace shards
