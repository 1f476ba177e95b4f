// SPDX-License-Identifier: GPL-3.0-or-later
// The fragments of a package in the cache.

#include "backends/shards/shards.hpp"
#include "core/model/packed_texts.hpp"

namespace shards {
namespace {

core::Cache::Key key_of_package(const core::Digest& package) {
    return core::Cache::Key(package, core::Cache::Key::Kind::package);
}

}  // namespace

std::optional<std::vector<std::string_view>> parts_of(std::string_view value, std::size_t count) {
    auto parts = core::packed_texts(value);
    if (parts && parts->size() != count) parts.reset();
    return parts;
}

std::optional<Fragments> load_fragments(const core::Cache& cache, const core::Digest& package,
                                        std::size_t count) {
    const auto value = cache.get(key_of_package(package));
    if (!value) return std::nullopt;
    const auto parts = parts_of(*value, count);
    return parts ? std::optional(Fragments(parts->begin(), parts->end())) : std::nullopt;
}

void save_fragments(const core::Cache& cache, const core::Digest& package,
                    const Fragments& fragments) {
    cache.put(key_of_package(package), core::pack_texts(fragments));
}

}  // namespace shards
