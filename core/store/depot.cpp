// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/depot.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/store/state_files.hpp"
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

/// Needs the lock. Every step may be cut off and is then done again by the next one who opens.
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

bool was_admitted(const Ledger& ledger, const std::string& id) {
    const auto operations = committed(ledger.read());
    return std::ranges::any_of(operations, [&](const CommittedOperation& one) {
        return std::ranges::find(one.operation.moves, id, &Move::release) !=
               one.operation.moves.end();
    });
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

std::uint64_t Depot::current_generation() const {
    const fs::path target = pointed(layout.current());
    if (target.empty()) return 0;
    const auto number = Layout::generation_number(target.filename().string());
    if (!number) throw Error(layout.current().string() + " does not point to a generation");
    return *number;
}

State Depot::state() const {
    const std::uint64_t number = current_generation();
    if (number == 0) return {};  // no generation yet
    // Read through the number, not through `current`: it may move on at any time.
    return read_state(layout, number);
}

void create_depot(const fs::path& root, const std::string& configuration) {
    const Layout layout{root};
    for (const fs::path& directory :
         {layout.pool(), layout.releases(), layout.fragments(), layout.provider_keys(),
          layout.generations(), layout.client_files()}) {
        make_directories(directory);
    }
    make_private_directory(layout.work());
    point(layout.keys(), fs::path("current") / Layout::keys_name);
    sync_directory(layout.public_tree());
    write_file(layout.configuration(), configuration, true);
}

Depot open_depot(const fs::path& root, const Clock& clock) {
    const Layout layout{fs::absolute(root).lexically_normal()};
    if (!status_of(layout.configuration())) {
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
    // One who may only read needs no recovery: the state is what `current` points to.
    if (!may_write(layout.root)) return depot;
    if (const auto lock = Lock::try_now(layout.lock())) recover(depot, clock);
    return depot;
}

Lock begin_writing(Depot& depot, const Clock& clock) {
    Lock lock = Lock::wait(depot.layout.lock());
    recover(depot, clock);
    return lock;
}

void require_admitted(const Depot& depot, const std::string& id) {
    if (depot.records.has(id) || was_admitted(depot.ledger, id)) return;
    throw Refused(reason::unknown_release, "there is no release called '" + escaped(id) + "'",
                  "`sluice list` shows all releases");
}

Release requested_release(const Depot& depot, const std::string& id) {
    require_admitted(depot, id);
    return depot.records.load(id);
}

Report missing_records(const Depot& depot, const Standing& standing) {
    Report report;
    for (const auto& [id, stage] : standing) {
        if (depot.records.has(id)) continue;
        Problem problem;
        problem.where = "releases/" + id + ".json";
        problem.message = record_is_missing;
        report.push_back(std::move(problem));
    }
    return report;
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
