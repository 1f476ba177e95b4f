// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/recovery.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/flusher.hpp"
#include "core/system/temporaries.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// The number of the last committed operation, 0 before the first. The whole ledger is read only
/// after an operation that failed.
std::uint64_t last_committed(const Ledger& ledger, const std::optional<LedgerEntry>& last) {
    if (!last) return 0;
    if (last->event == LedgerEntry::Event::committed) return last->number;
    const auto operations = committed(ledger.read());
    return operations.empty() ? 0 : operations.back().operation.number;
}

/// Finds out what became of the last intent. Touches nothing if `current` is where no operation of
/// ours can have left it: then a person has moved it, or a part was restored from a backup.
void resolve_intent(Depot& depot, const Clock& clock) {
    const std::uint64_t current = depot.current_generation();
    const auto last = depot.ledger.last();
    const bool is_open = last && last->event == LedgerEntry::Event::intent;
    if (is_open && last->number == current) {
        sync_directory(depot.layout.public_tree());  // the ledger must not be ahead of `current`
        depot.ledger.append(
            {LedgerEntry::Event::committed, clock.now(), last->number, std::nullopt});
        return;
    }
    const std::uint64_t expected = last_committed(depot.ledger, last);
    if (current != expected) {
        throw Error(fmt::format(
            "{} points to generation {}, but the last one that the ledger has is {}; nothing was "
            "changed: set the link right, or restore the depot from one backup",
            depot.layout.current().string(), current, expected));
    }
    if (!is_open) return;
    undo(depot, *last->operation);
    depot.ledger.append({LedgerEntry::Event::abandoned, clock.now(), last->number, std::nullopt});
}

struct Inode {
    dev_t device = 0;
    ino_t number = 0;

    auto operator<=>(const Inode&) const = default;
};

/// That of nothing if it is not there.
Inode inode_of(const fs::path& path) {
    const auto status = status_of(path, Links::are_seen);
    return status ? Inode{status->st_dev, status->st_ino} : Inode();
}

/// The files of the pool that records name. Throws Error if the record of a release that was
/// admitted is not there: what it names must not be taken for garbage.
std::unordered_set<std::string> named_files(const Depot& depot) {
    for (const auto& [operation, time] : committed(depot.ledger.read())) {
        for (const Move& move : operation.moves) depot.records.require(move.release);
    }
    std::unordered_set<std::string> named;
    for (const std::string& id : depot.records.ids()) {
        const Release release = depot.records.load(id);
        for (const Package& package : release.packages) {
            named.insert(depot.pool.file(package.digest, package.format).native());
            named.insert(
                depot.pool.name_link(package.format, fs::path(package.path).filename().native())
                    .native());
        }
        for (const Document& document : release.documents) {
            named.insert(depot.pool.file(document.digest, "xml").native());
        }
    }
    return named;
}

/// Removes what has these inodes beside the stable URLs.
void remove_published(const Depot& depot, const std::set<Inode>& inodes, Flusher& flusher) {
    for (const Stage& stage : depot.configuration.stages) {
        const fs::path tree = depot.layout.public_tree() / stage.name;
        for (const Entry& entry : files_below(tree, Absent::is_empty)) {
            if (!inodes.contains(inode_of(entry.path))) continue;
            remove_tree(entry.path);
            flusher.add(entry.path.parent_path());
        }
    }
}

/// What an admission brought, but for its packages.
void remove_release(Depot& depot, const Move& move, Flusher& flusher) {
    depot.records.remove(move.release);
    flusher.add(depot.layout.releases());
    for (const Line& line : depot.configuration.lines) {
        const fs::path directory = depot.layout.own_repositories(move.to, line.name);
        if (!kind_of(directory)) continue;
        remove_tree(directory / move.release);
        flusher.add(directory);
    }
}

}  // namespace

void recover(Depot& depot, const Clock& clock) {
    const Layout& layout = depot.layout;
    depot.ledger.recover();
    Scratch::sweep(layout.work());
    for (const fs::path& directory :
         {layout.public_tree(), layout.generations(), layout.releases()}) {
        remove_temporaries(directory);
    }
    resolve_intent(depot, clock);
}

void undo(Depot& depot, const Operation& operation) {
    const Layout& layout = depot.layout;
    remove_tree(layout.generation(operation.number));
    Flusher flusher;  // or a record could be back after a power failure
    flusher.add(layout.generations());
    if (operation.verb == Verb::admit) {  // others bring nothing new
        for (const Move& move : operation.moves) {
            if (move.from.empty()) remove_release(depot, move, flusher);
        }
        sweep_pool(depot);
    }
    flusher.flush();
}

std::size_t sweep_pool(Depot& depot, bool dry_run) {
    const std::unordered_set<std::string> named = named_files(depot);
    std::vector<fs::path> kept, unnamed;
    for (Entry& entry : files_below(depot.pool.directory())) {
        (named.contains(entry.path.native()) ? kept : unnamed).push_back(std::move(entry.path));
    }
    if (unnamed.empty() || dry_run) return unnamed.size();
    std::set<Inode> gone;
    for (const fs::path& file : unnamed) gone.insert(inode_of(file));
    for (const fs::path& file : kept) gone.erase(inode_of(file));
    // An admission that was cut off may have published its packages already. Those links go first:
    // without the pool's file nobody would know any more where they belong.
    Flusher flusher;
    remove_published(depot, gone, flusher);
    flusher.flush();
    std::set<fs::path> directories;
    for (const fs::path& file : unnamed) {
        remove_tree(file);
        directories.insert(file.parent_path());
    }
    flusher.add(depot.pool.directory());
    for (const fs::path& directory : directories) {
        if (::rmdir(directory.c_str()) != 0) flusher.add(directory);  // others are in it
    }
    flusher.flush();
    return unnamed.size();
}

}  // namespace core
