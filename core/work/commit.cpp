// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/commit.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/model/error.hpp"
#include "core/store/recovery.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "core/work/client_files.hpp"
#include "core/work/places.hpp"
#include "core/work/publication.hpp"
#include "core/work/stable_tree.hpp"

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
void adopt(Depot& depot, const Candidate& candidate, Flusher& flusher) {
    std::unordered_map<Digest, const Package*> packages;
    for (const Package& package : candidate.release.packages) {
        packages.emplace(package.digest, &package);
    }
    const fs::path top = depot.pool.directory().parent_path();
    flusher.add(depot.layout.releases());
    parallel_for(1 + candidate.files.size(), [&](std::size_t i) {
        if (i == 0) return flusher.take(depot.records.save(candidate.release));
        const auto& [file, digest, size, name, format] = candidate.files[i - 1];
        depot.pool.adopt(file, digest, format);
        flusher.add(depot.pool.file(digest, format).parent_path(), top);
        const auto package = packages.find(digest);
        if (package == packages.end()) return;  // a document
        const std::string_view published = package->second->file_name();
        depot.pool.claim(format, published, digest);
        flusher.add(depot.pool.name_link(format, published).parent_path(), top);
    });
}

/// Everything up to the swap.
State prepare(Depot& depot, const Collaborators& collaborators, const AwaitedVerifier& verifier,
              Plan& plan, const State& before, Time now, const Candidate* candidate) {
    const Layout& layout = depot.layout;
    const auto flusher = candidate == nullptr ? std::make_shared<Flusher>() : candidate->flusher;
    if (candidate != nullptr) adopt(depot, *candidate, *flusher);
    const Scratch scratch(layout.work());
    const fs::path rendered = scratch.directory() / "generation";
    const fs::path aside = scratch.directory() / "aside";
    make_directories(aside);
    collaborators.progress("making and signing the metadata", 0, 0);
    const StableTree stable(depot, collaborators.formats, plan, aside, *flusher);
    const auto links = stable.new_links();
    Rendering rendering;
    // Both at once: one waits for locks in the kernel, the other for processors and then for gpg.
    parallel_for(2, [&](std::size_t i) {
        if (i == 0) return stable.add_packages(links);
        const Publication publication(
            depot, collaborators.formats, collaborators.signer, verifier,
            [&] {
                return handed_out_keys(depot, before,
                                       provider_keys(depot, collaborators.read_keys));
            },
            *flusher);
        rendering = publication.render(plan, before, now, rendered);
    });
    parallel_for(rendering.repositories.size(), [&](std::size_t i) {
        stable.add_metadata(rendering.repositories[i], before, rendered);
    });
    if (plan.mends_links) {
        stable.mend_superseded(before);
        stable.mend_copies();
    }
    stable.offer_handed_out(rendering.client_files, before);

    collaborators.progress("flushing", 0, 0);
    flusher->add_tree(rendered);
    flusher->flush();
    const fs::path generation = layout.generation(rendering.state.generation);
    move_file(rendered, generation);
    sync_directory(layout.generations());
    return std::move(rendering.state);
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
void confirm(Depot& depot, const Plan& plan, const State& before, const State& state, Time now) {
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
    const bool had_mirror_lists = before.made_with && !before.made_with->public_url.empty();
    if (!had_mirror_lists && !plan.mends_links) return;
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
             const AwaitedVerifier& verifier, const State& before, Plan& plan,
             const Candidate* candidate) {
    const Time now = next_date(before, collaborators.clock);
    const std::uint64_t number = plan.operation.number;
    depot.ledger.append({LedgerEntry::Event::intent, now, number, plan.operation});
    State next;
    try {
        next = prepare(depot, collaborators, verifier, plan, before, now, candidate);
        swap_current(depot, number);
    } catch (const Unconfirmed&) {
        throw;
    } catch (...) {
        abandon(depot, plan.operation, now);
        throw;
    }
    confirm(depot, plan, before, next, now);
    return next;
}

}  // namespace core
