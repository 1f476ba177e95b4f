// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/commit.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>

#include "core/client_files.hpp"
#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"
#include "core/places.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// apt ignores metadata with an older date than what it has, so dates never go back.
Time next_date(const State& before, const Clock& clock) {
    const Time now = clock.now();
    if (now + tolerated_adjustment < before.date) {
        throw Error("the clock says " + format_time(now) + ", but the current generation is of " +
                    format_time(before.date) + ": set the clock right");
    }
    return std::max(now, before.date);
}

/// The record, which takes longest, and each file; whatever part of it is done can be undone.
void adopt(Depot& depot, const Incoming& incoming) {
    parallel_for(1 + incoming.files.size(), [&](std::size_t i) {
        if (i == 0) return depot.records.save(incoming.release);
        const Incoming::Entry& entry = incoming.files[i - 1];
        depot.pool.adopt(entry.scratch, entry.digest, entry.format);
        if (!entry.name.empty()) depot.pool.claim(entry.format, entry.name, entry.digest);
    });
}

/// Makes the directories and links beside the generations that the repositories of a plan need.
class StableTree {
  public:
    StableTree(const Depot& depot, const Formats& formats, const Plan& plan)
        : depot_(depot), formats_(formats), plan_(plan) {}

    /// Packages that one directory gets.
    struct NewLinks {
        fs::path directory;
        std::string_view format;
        Rows rows;
    };

    /// What there is to link. It stands by itself: rows are used up while it is linked.
    std::vector<NewLinks> new_links() const {
        std::vector<std::vector<NewLinks>> by_repository(plan_.composed.size());
        parallel_for(plan_.composed.size(), [&](std::size_t i) {
            const RepositoryPlan& one = plan_.composed[i];
            if (one.repository != one.repository.home()) return;
            const fs::path stable = depot_.layout.stable(one.repository);
            const std::string_view format = format_of(one.repository).package_format;
            for (const IndexPlan& index : one.indexes) {
                if (plan_.mends_links) {
                    collect(unlinked(index.change.rows, stable, format), stable, format,
                            by_repository[i]);
                } else {
                    collect(index.change.added, stable, format, by_repository[i]);
                }
            }
        });
        std::vector<NewLinks> all;
        for (auto& links : by_repository) std::ranges::move(links, std::back_inserter(all));
        // In their order, all threads would wait for the lock that the kernel has for the directory
        // above.
        std::ranges::shuffle(all, std::minstd_rand());
        return all;
    }

    /// `aside` is a directory for links that replace something.
    void prepare(const std::vector<NewLinks>& links, const fs::path& aside) const {
        for (const RepositoryPlan& one : plan_.composed) create(one.repository);
        parallel_for(links.size(),
                     [&](std::size_t i) { make(links[i], aside / std::to_string(i)); });
    }

    /// A depot has these from its beginning, and again if somebody took them away.
    void offer_handed_out() const {
        const Layout& layout = depot_.layout;
        const fs::path current = layout.current().filename();
        point_unless_it_does(layout.keys(), current / Layout::keys_name);
        point_unless_it_does(layout.client_files(), current / Layout::client_files_name);
    }

    /// The mirror list, which every repository has as soon as a public URL is configured.
    void offer(const Repository& repository) const {
        if (depot_.configuration.public_url.empty()) return;
        link_to_current(repository, std::string(mirror_list));
    }

  private:
    void create(const Repository& repository) const {
        const Backend::Shape shape = format_of(repository).backend->shape();
        const fs::path home = depot_.layout.stable(repository.home());
        make_directories(home / shape.packages);
        if (repository != repository.home()) {
            make_directories(depot_.layout.stable(repository));
            link(repository, shape.packages, repository.home().path() + "/" + shape.packages);
        }
        link_to_current(repository, shape.metadata);
    }

    const Format& format_of(const Repository& repository) const {
        return formats_.at(depot_.configuration.platform(repository.platform).format);
    }

    /// Those of a directory mostly follow each other; where others come between them, it is met
    /// again.
    static void collect(const Rows& rows, const fs::path& stable, std::string_view format,
                        std::vector<NewLinks>& all) {
        std::optional<std::string_view> last;
        for (const Row& row : rows) {
            if (row.architecture.empty()) continue;  // a document
            const std::string_view directory = row.path.substr(0, row.path.rfind('/') + 1);
            if (directory != last) all.push_back({stable / directory, format, {}});
            all.back().rows.push_back(row);
            last = directory;
        }
    }

    /// The packages among rows that are not where they should be, but for those that the pool lacks
    /// itself: of these verify tells, and the others must not wait for them.
    Rows unlinked(const Rows& rows, const fs::path& stable, std::string_view format) const {
        Rows found;
        for (const Row& row : rows) {
            if (row.architecture.empty()) continue;  // a document
            if (!same_file(stable / row.path, depot_.pool.file(row.digest, format)) &&
                depot_.pool.holds(row.digest, format)) {
                found.push_back(row);
            }
        }
        return found;
    }

    /// What is there and should not be is replaced at once: sites may be fetching it.
    void make(const NewLinks& links, const fs::path& aside) const {
        make_directories(links.directory);
        for (const Row& row : links.rows) {
            const fs::path in_pool = depot_.pool.file(row.digest, links.format);
            const fs::path link = links.directory / row.path.substr(row.path.rfind('/') + 1);
            if (plan_.mends_links && kind_of(link, Links::are_seen) && !same_file(in_pool, link)) {
                hard_link(in_pool, aside);
                move_file(aside, link);
                remove_tree(aside);  // still there if another thread was faster
            } else {
                hard_link(in_pool, link);
            }
        }
    }

    void link_to_current(const Repository& repository, const std::string& name) const {
        link(repository, name, "current/" + repository.path() + "/" + name);
    }

    /// Makes `name` a link to `target`, which is below public/.
    void link(const Repository& repository, const std::string& name,
              const std::string& target) const {
        point_unless_it_does(depot_.layout.stable(repository) / name,
                             relative_link(repository.path(), target));
    }

    static void point_unless_it_does(const fs::path& link, const fs::path& target) {
        if (pointed(link) != target) point(link, target);
    }

    const Depot& depot_;
    const Formats& formats_;
    const Plan& plan_;
};

/// Everything up to the swap.
State prepare(Depot& depot, const Collaborators& collaborators, const AwaitedVerifier& verifier,
              Plan& plan, const State& before, Time now, const Incoming* incoming) {
    const Layout& layout = depot.layout;
    if (incoming != nullptr) adopt(depot, *incoming);
    const Scratch scratch(layout.work());
    const fs::path rendered = scratch.directory() / "generation";
    collaborators.progress("making and signing the metadata", 0, 0);
    const StableTree stable(depot, collaborators.formats, plan);
    const auto links = stable.new_links();
    State next;
    // Both at once: one waits for locks in the kernel, the other for processors and then for gpg.
    parallel_for(2, [&](std::size_t i) {
        if (i == 0) return stable.prepare(links, scratch.directory());
        const Publication publication(depot, collaborators.formats, collaborators.signer, verifier);
        next = publication.render(plan, before, now, rendered);
        next.handed_out = ClientFiles(depot, collaborators.formats, collaborators.signer, [&] {
                              return handed_out_keys(depot, before,
                                                     provider_keys(depot, collaborators.read_keys));
                          }).write(next, rendered, layout.generation(before.generation));
        write_file(rendered / "state.json", to_json(next));
    });
    for (const auto& [path, published] : next.repositories) stable.offer(published.repository);
    stable.offer_handed_out();

    collaborators.progress("flushing", 0, 0);
    depot.disk.flush();
    const fs::path generation = layout.generation(next.generation);
    move_file(rendered, generation);
    sync_directory(layout.generations());
    return next;
}

/// The commit point: one rename of one symbolic link. Throws Unconfirmed unless it is certain that
/// it was not made.
void swap_current(const Depot& depot, std::uint64_t number) {
    const fs::path& current = depot.layout.current();
    try {
        point(current, fs::path("generations") / Layout::generation_name(number));
    } catch (const Error& failure) {
        bool made = true;
        std::string what = "operation " + std::to_string(number);
        try {
            made = depot.current_generation() == number;
            what += " is done, but the disk has not confirmed it: ";
        } catch (const Error&) {
            what += " may be done or not, which the next command will find out: ";
        }
        if (made) throw Unconfirmed(number, what + failure.what());
        throw;
    }
}

/// Bookkeeping, which opening the depot or the next commit would do as well.
void confirm(Depot& depot, const State& state, Time now) {
    const std::uint64_t number = state.generation;
    const std::string done = "operation " + std::to_string(number) + " is done and published, but ";
    try {
        sync_directory(depot.layout.public_tree());
    } catch (const Error& failure) {
        throw Unconfirmed(number, done + "the disk has not confirmed it: " + failure.what() +
                                      "; a power failure may undo it");
    }
    try {
        depot.ledger.append({LedgerEntry::Event::committed, now, number, std::nullopt});
    } catch (const Error& failure) {
        throw Unconfirmed(
            number, done + "the ledger does not say so until the next command: " + failure.what());
    }
    try {
        for (const fs::path& link : dead_mirror_lists(depot, state)) remove_tree(link);
    } catch (const Error& failure) {
        throw Unconfirmed(number, done + "links to mirror lists that are gone stay until `sluice " +
                                      "gc`: " + failure.what());
    }
}

/// After a failure before the swap: everything is as if nothing had been tried. What cannot be
/// undone now (a full disk may forbid it) is undone when the depot is opened next.
void abandon(Depot& depot, const Operation& operation, Time now) noexcept {
    try {
        undo(depot, operation);
        depot.ledger.append({LedgerEntry::Event::abandoned, now, operation.number, std::nullopt});
    } catch (const std::exception&) {
        // The failure that brought us here is the one to report.
    }
}

}  // namespace

std::uint64_t next_number(const Depot& depot) {
    const auto last = depot.ledger.last();
    return std::max(last ? last->number : 0, depot.current_generation()) + 1;
}

State commit(Depot& depot, const Lock&, const Collaborators& collaborators,
             const AwaitedVerifier& verifier, Plan& plan, const Incoming* incoming) {
    const State before = depot.state();
    const Time now = next_date(before, collaborators.clock);
    const std::uint64_t number = plan.operation.number;
    depot.ledger.append({LedgerEntry::Event::intent, now, number, plan.operation});
    State next;
    try {
        next = prepare(depot, collaborators, verifier, plan, before, now, incoming);
        swap_current(depot, number);
    } catch (const Unconfirmed&) {
        throw;
    } catch (...) {
        abandon(depot, plan.operation, now);
        throw;
    }
    confirm(depot, next, now);
    return next;
}

}  // namespace core
