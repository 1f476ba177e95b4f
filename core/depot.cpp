// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/depot.hpp"

#include <set>

#include "core/error.hpp"
#include "core/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// Files that write_file and point were about to rename into place.
void remove_temporaries(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(directory, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with('.') && name.ends_with(".new")) found.push_back(entry->path());
    }
    for (const fs::path& path : found) remove_tree(path);
}

void remove_generations_beyond(const Layout& layout, std::uint64_t current) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(layout.generations(), error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const auto number = Layout::generation_number(entry->path().filename().string());
        if (number && *number > current) found.push_back(entry->path());
    }
    for (const fs::path& path : found) remove_tree(path);
}

void undo_admission(Depot& depot, const Operation& operation) {
    for (const Move& move : operation.moves) {
        if (!move.from.empty() || !depot.records.has(move.release)) continue;
        if (depot.records.load(move.release).operation == operation.number) {
            depot.records.remove(move.release);
        }
    }
    sweep_pool(depot);
}

void settle_intent(Depot& depot, std::uint64_t current, const Clock& clock) {
    const auto last = depot.ledger.last();
    if (!last || last->event != LedgerEntry::Event::intent) return;
    LedgerEntry outcome{LedgerEntry::Event::committed, clock.now(), last->number, std::nullopt};
    if (last->number != current) {
        if (last->operation->verb == Verb::admit) undo_admission(depot, *last->operation);
        outcome.event = LedgerEntry::Event::abandoned;
    }
    depot.ledger.append(outcome);
}

/// Needs the lock. Every step may be cut off and is then done again by the next one who opens.
void recover(Depot& depot, const Clock& clock) {
    const Layout& layout = depot.layout;
    depot.ledger.recover();
    Scratch::sweep(layout.work());
    for (const fs::path& directory :
         {layout.public_tree(), layout.keys(), layout.client_files(), layout.releases()}) {
        remove_temporaries(directory);
    }
    const std::uint64_t current = depot.current_generation();
    remove_generations_beyond(layout, current);
    settle_intent(depot, current, clock);
}

}  // namespace

std::uint64_t Depot::current_generation() const {
    const fs::path target = pointed(layout.current());
    if (target.empty()) return 0;
    const auto number = Layout::generation_number(target.filename().string());
    if (!number) throw Error(layout.current().string() + " does not point to a generation");
    return *number;
}

State Depot::state() const {
    const std::uint64_t number = current_generation();
    if (number == 0) return {};
    // Read through the number, not through `current`: it may move on at any time.
    const fs::path file = layout.generation(number) / "state.json";
    return with_context(file.string(), [&] { return state_from_json(read_file(file)); });
}

void create_depot(const fs::path& root, const std::string& configuration) {
    const Layout layout{root};
    for (const fs::path& directory :
         {layout.pool(), layout.releases(), layout.fragments(), layout.provider_keys(),
          layout.work(), layout.generations(), layout.keys(), layout.client_files()}) {
        make_directories(directory);
    }
    write_file(layout.configuration(), configuration, true);
}

Depot open_depot(const fs::path& root, const Clock& clock) {
    const Layout layout{fs::absolute(root).lexically_normal()};
    std::error_code error;
    if (!fs::is_regular_file(layout.configuration(), error)) {
        throw Error(root.string() +
                    " is not a depot: it has no sluice.toml; make one with `sluice init`" +
                    ", or name another with --depot");
    }
    const Cache cache(layout.fragments());
    constexpr std::uint64_t largest_configuration = 1 << 20;
    Depot depot{layout,
                parse_configuration(read_file(layout.configuration(), largest_configuration),
                                    layout.configuration().string()),
                Pool(layout.pool()),
                cache,
                Records(layout.releases()),
                Ledger(layout.ledger()),
                RosterStore(cache)};
    if (const auto lock = Lock::try_now(layout.lock())) recover(depot, clock);
    return depot;
}

Lock begin_writing(Depot& depot, const Clock& clock) {
    Lock lock = Lock::wait(depot.layout.lock());
    recover(depot, clock);
    return lock;
}

std::size_t sweep_pool(Depot& depot) {
    std::set<fs::path> named;
    for (const std::string& id : depot.records.ids()) {
        const Release release = depot.records.load(id);
        for (const Package& package : release.packages) {
            named.insert(depot.pool.file(package.digest, package.format));
            named.insert(
                depot.pool.name_link(package.format, fs::path(package.path).filename().string()));
        }
        for (const Document& document : release.documents) {
            named.insert(depot.pool.file(document.digest, "xml"));
        }
    }
    std::vector<fs::path> unnamed;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(depot.pool.directory(), error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (!entry->is_directory() && !named.contains(entry->path())) {
            unnamed.push_back(entry->path());
        }
    }
    for (const fs::path& path : unnamed) remove_tree(path);
    return unnamed.size();
}

}  // namespace core
