// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/publication.hpp"

#include <algorithm>
#include <fcntl.h>
#include <iterator>
#include <sys/stat.h>

#include "core/configuration_change.hpp"
#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"
#include "core/reason.hpp"
#include "core/report.hpp"

namespace core {
namespace fs = std::filesystem;

struct Publication::Job {
    Composition composition;
    PublishedRepository published;
    Composed composed;
};

namespace {

/// Some web servers answer "not modified" if a file is not younger than the one it replaced, and
/// two generations may be made within one second: then the time is set one second on.
void make_later_than(const fs::path& file, const fs::path& earlier) {
    const auto now = status_of(file), before = status_of(earlier);
    if (!now) throw Error(file.string() + " is not there any more");
    if (!before || now->st_mtim.tv_sec > before->st_mtim.tv_sec) return;
    const timespec later{before->st_mtim.tv_sec + 1, 0};
    const timespec times[2] = {later, later};
    if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0) {
        throw system_error("cannot set the time of " + file.string());
    }
}

/// From a repository in a generation to the directory where its packages are.
fs::path packages_link(const Repository& repository, std::uint64_t generation,
                       const Backend::Shape& shape) {
    return relative_link(
        "generations/" + Layout::generation_name(generation) + "/" + repository.path(),
        repository.home().path() + "/" + shape.packages);
}

}  // namespace

std::string mirror_list_text(const std::string& public_url, const Repository& repository,
                             std::uint64_t generation) {
    return public_url + "/generations/" + Layout::generation_name(generation) + "/" +
           repository.path() + "/\n";
}

State Publication::render(Plan& plan, const State& before, Time now,
                          const fs::path& directory) const {
    State next;
    next.generation = plan.operation.number;
    next.date = now;
    next.standing = plan.standing;
    next.arrivals = plan.arrivals;
    next.repositories = before.repositories;
    for (const Repository& gone : plan.removed) next.repositories.erase(gone.path());

    std::vector<Job> jobs;
    for (RepositoryPlan& one : plan.composed) {
        next.repositories.erase(one.repository.path());
        jobs.push_back(job_of(one, before, next));
    }
    next.made_with = shown_settings(depot_.configuration);
    std::vector<Repository> others;
    for (const auto& [path, published] : next.repositories) others.push_back(published.repository);

    make_directories(directory);
    std::vector<Report> lost(jobs.size());
    // Each goes its way alone: the agent, which makes one signature after the other, works while
    // other indexes are still being made, and gpg checks what is signed. What stays is linked
    // beside, and the rosters are written.
    parallel_for(2 * jobs.size() + others.size(), [&](std::size_t i) {
        if (i >= 2 * jobs.size()) {
            return keep(others[i - 2 * jobs.size()], before, next, directory);
        }
        if (i >= jobs.size()) return remember(jobs[i - jobs.size()].composition);
        compose(jobs[i], directory);
        sign(jobs[i], directory);
        lost[i] = carry_forward(jobs[i], before, directory);
        check(jobs[i], directory);
        pin(jobs[i].published.repository, next.generation, directory);
    });
    for (Report& report : lost) std::ranges::move(report, std::back_inserter(plan.warnings));
    for (Job& job : jobs) {
        next.repositories[job.published.repository.path()] = std::move(job.published);
    }
    next.closed = closed(plan, before, next);
    return next;
}

std::map<std::string, Time> Publication::closed(const Plan& plan, const State& before,
                                                const State& next) const {
    std::map<std::string, Time> times = before.closed;
    for (const Repository& gone : plan.removed) {
        if (!gone.release.empty()) times[gone.path()] = next.date;
    }
    std::erase_if(times, [&](const auto& entry) {
        return next.repositories.contains(entry.first) ||
               entry.second + depot_.configuration.keep_packages <= next.date;
    });
    return times;
}

Publication::Job Publication::job_of(RepositoryPlan& plan, const State& before,
                                     const State& next) const {
    const Configuration& configuration = depot_.configuration;
    Job job;
    Composition& composition = job.composition;
    composition.repository = plan.repository;
    composition.platform = configuration.platform(plan.repository.platform);
    composition.line = configuration.line(plan.repository.line);
    composition.stage = configuration.stage(plan.repository.stage);
    composition.origin = configuration.origin;
    composition.generation = next.generation;
    composition.date = next.date;
    composition.valid_until = next.date + configuration.valid_for;
    composition.notes = RosterStore::directory(plan.repository.path(), next.generation);
    for (IndexPlan& index : plan.indexes) {
        composition.indexes[index.index] = std::move(index.change.rows);
    }
    job.published.repository = plan.repository;
    job.published.composed = next.generation;
    job.published.date = next.date;
    job.published.valid_until = composition.valid_until;

    const auto previous = before.repositories.find(plan.repository.path());
    if (previous == before.repositories.end()) return job;
    for (const auto& [file, since] : previous->second.superseded) {
        if (since + configuration.keep_metadata > next.date) job.published.superseded[file] = since;
    }
    for (const std::string& file : previous->second.lasting) {
        job.published.superseded.emplace(file, next.date);
    }
    composition.before.directory =
        depot_.layout.generation(before.generation) / plan.repository.path();
    composition.before.notes =
        RosterStore::directory(plan.repository.path(), previous->second.composed);
    for (const IndexPlan& index : plan.indexes) {
        composition.before.added[index.index] = index.change.added;
        composition.before.removed[index.index] = index.change.removed;
    }
    return job;
}

void Publication::compose(Job& job, const fs::path& directory) const {
    const Repository& repository = job.composition.repository;
    const fs::path target = directory / repository.path();
    make_directories(target);
    const Backend& backend = *formats_.at(job.composition.platform.format).backend;
    with_context(repository.path(),
                 [&] { job.composed = backend.compose(job.composition, target); });
    // So that the generation's own URL is a whole repository.
    const Backend::Shape shape = backend.shape();
    point(target / shape.packages, packages_link(repository, job.composition.generation, shape));
    job.published.lasting = job.composed.lasting;
    std::sort(job.published.lasting.begin(), job.published.lasting.end());
    for (const std::string& file : job.published.lasting) job.published.superseded.erase(file);
    for (const std::string& file : job.composed.lost) job.published.superseded.erase(file);
}

void Publication::remember(const Composition& composition) const {
    for (const auto& [index, rows] : composition.indexes) {
        depot_.rosters.save(composition.repository.path(), index, composition.generation, rows);
    }
}

void Publication::sign(const Job& job, const fs::path& directory) const {
    const fs::path path = job.composition.repository.path();
    const fs::path current = depot_.layout.current();
    const std::vector<SigningTask>& tasks = job.composed.signing;
    std::vector<std::string> texts;
    for (const SigningTask& task : tasks) texts.push_back(read_file(directory / path / task.file));
    std::vector<SigningRequest> requests;
    for (std::size_t i = 0; i < tasks.size(); ++i) requests.push_back({texts[i], tasks[i].form});
    const std::vector<std::string> signatures = signer_.sign(requests);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        write_file(directory / path / tasks[i].output, signatures[i]);
        for (const std::string& file : {tasks[i].file, tasks[i].output}) {
            make_later_than(directory / path / file, current / path / file);
        }
    }
}

/// Clients with an older index may ask for these; one that is missing is a loss for some of them,
/// and no reason to keep what is new from all.
Report Publication::carry_forward(Job& job, const State& before, const fs::path& directory) const {
    const std::string path = job.published.repository.path();
    const fs::path old = depot_.layout.generation(before.generation) / path;
    Report lost;
    std::erase_if(job.published.superseded, [&](const auto& superseded) {
        const std::string& file = superseded.first;
        if (!is_file(old / file, Links::are_seen)) {
            lost.push_back(
                warning_at(path + "/" + file, reason::superseded_missing,
                           "is missing, and is not published any more; it was superseded before"));
            return true;
        }
        const fs::path target = directory / path / file;
        if (!kind_of(target.parent_path())) make_directories(target.parent_path());
        hard_link(old / file, target);
        return false;
    });
    return lost;
}

void Publication::check(const Job& job, const fs::path& directory) const {
    const std::string path = job.composition.repository.path();
    const Backend& backend = *formats_.at(job.composition.platform.format).backend;
    with_context("a client would not accept " + path,
                 [&] { backend.check(directory / path, *verifier_.get()); });
}

void Publication::keep(const Repository& repository, const State& before, const State& next,
                       const fs::path& directory) const {
    const std::string path = repository.path();
    link_tree(depot_.layout.generation(before.generation) / path, directory / path);
    check_kept(repository, next.generation, directory / path);
    pin(repository, next.generation, directory);
}

/// What the generation before has of a repository may have been damaged. Its files are verify's to
/// read; here it is seen that they are where clients look for them.
void Publication::check_kept(const Repository& repository, std::uint64_t generation,
                             const fs::path& directory) const {
    const Backend::Shape shape =
        formats_.at(depot_.configuration.platform(repository.platform).format).backend->shape();
    const bool whole =
        kind_of(directory / shape.metadata, Links::are_seen) == Kind::directory &&
        pointed(directory / shape.packages) == packages_link(repository, generation, shape);
    if (whole) return;
    throw Error(repository.path() + " is damaged in the generation that is published now; " +
                "`sluice refresh` makes it anew");
}

void Publication::pin(const Repository& repository, std::uint64_t generation,
                      const fs::path& directory) const {
    const std::string& url = depot_.configuration.public_url;
    const fs::path file = directory / repository.path() / mirror_list;
    if (url.empty()) {
        remove_tree(file);
        return;
    }
    write_file(file, mirror_list_text(url, repository, generation));
}

}  // namespace core
