// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/places.hpp"

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace core {
namespace fs = std::filesystem;

Places::Places(const Depot& depot, const std::set<std::uint64_t>& generations) {
    for (const std::uint64_t number : generations) {
        const fs::path file = depot.layout.generation(number) / "state.json";
        const State state =
            with_context(file.string(), [&] { return state_from_json(read_file(file)); });
        for (const auto& [path, published] : state.repositories) {
            all_.insert(depot.layout.stable(published.repository));
            all_.insert(depot.layout.stable(published.repository.home()));
        }
    }
    for (const Stage& stage : depot.configuration.stages) {
        for (const Line& line : depot.configuration.lines) {
            all_.insert(depot.layout.own_repositories(stage.name, line.name));
        }
    }
}

bool Places::contains(const fs::path& directory) const {
    return all_.contains(directory);
}

bool Places::are_in(const fs::path& directory) const {
    const auto next = all_.lower_bound(directory);
    if (next == all_.end()) return false;
    return *next == directory || next->native().starts_with(directory.native() + "/");
}

std::set<std::uint64_t> generations_of(const Layout& layout) {
    std::set<std::uint64_t> numbers;
    for (const Entry& entry : entries(layout.generations())) {
        if (const auto number = Layout::generation_number(entry.name())) numbers.insert(*number);
    }
    return numbers;
}

}  // namespace core
