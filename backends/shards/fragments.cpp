// SPDX-License-Identifier: GPL-3.0-or-later
// Several texts as one value: their sizes on a line ("2 1071 320\n": how many, then each), then the
// texts.

#include "backends/shards/shards.hpp"
#include "core/model/text.hpp"

namespace shards {
namespace {

/// Takes a number and the character after it; nullopt if it is not there.
std::optional<std::size_t> take_number(std::string_view& text, char after) {
    const std::size_t end = text.find(after);
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = core::whole_number<std::size_t>(text.substr(0, end));
    text.remove_prefix(end + 1);
    return value;
}

core::Cache::Key key_of_package(const core::Digest& package) {
    return core::Cache::Key(package, core::Cache::Key::Kind::package);
}

}  // namespace

std::string pack(const Fragments& fragments) {
    std::string value = std::to_string(fragments.size());
    for (const std::string& fragment : fragments) value += ' ' + std::to_string(fragment.size());
    value += '\n';
    for (const std::string& fragment : fragments) value += fragment;
    return value;
}

std::optional<std::vector<std::string_view>> parts_of(std::string_view value, std::size_t count) {
    std::string_view rest = value;
    if (take_number(rest, count == 0 ? '\n' : ' ') != count) return std::nullopt;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < count; ++i) {
        const auto size = take_number(rest, i + 1 == count ? '\n' : ' ');
        if (!size) return std::nullopt;
        sizes.push_back(*size);
    }
    std::vector<std::string_view> parts;
    for (const std::size_t size : sizes) {
        if (size > rest.size()) return std::nullopt;
        parts.push_back(rest.substr(0, size));
        rest.remove_prefix(size);
    }
    if (!rest.empty()) return std::nullopt;
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
    cache.put(key_of_package(package), pack(fragments));
}

}  // namespace shards
