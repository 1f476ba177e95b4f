// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/depot.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/store/recovery.hpp"
#include "core/store/state_files.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

bool was_admitted(const Ledger& ledger, const std::string& id) {
    const auto operations = committed(ledger.read());
    return std::ranges::any_of(operations, [&](const CommittedOperation& one) {
        return std::ranges::find(one.operation.moves, id, &Move::release) !=
               one.operation.moves.end();
    });
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

}  // namespace core
