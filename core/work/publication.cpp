// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/publication.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/store/generation_tree.hpp"
#include "core/store/state_files.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "core/work/client_files.hpp"
#include "core/work/configuration_change.hpp"

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

std::string generation_place(std::uint64_t generation, const std::string& place) {
    return "generations/" + Layout::generation_name(generation) + "/" + place;
}

void write_keys(const std::map<std::string, std::string>& keys, const fs::path& directory,
                Flusher& flusher) {
    make_directories(directory / Layout::keys_name);
    for (const auto& [path, text] : keys) flusher.write_file(directory / path, text);
}

/// The parts of the state that an operation changes (state_files.hpp).
class ChangedParts {
  public:
    ChangedParts(const Plan& plan, const State& before)
        : all_(plan.mends_links || before.in_one_file()) {
        for (const Move& move : plan.operation.moves) add(move.release);
        for (const auto& [id, arrival] : *plan.operation.arrivals) add(id);
        for (const RepositoryPlan& one : plan.composed) add(one.repository);
        for (const Repository& gone : plan.removed) add(gone);
    }

    bool contain(const std::string& directory) const {
        return all_ || directories_.contains(directory);
    }
    const std::set<std::string>& directories() const { return directories_; }

  private:
    void add(const Repository& repository) {
        if (!repository.release.empty()) return add(repository.release);
        directories_.insert(part_directory(repository));
    }
    void add(const std::string& release) { directories_.insert(state_directory(release)); }

    const bool all_;
    std::set<std::string> directories_;
};

}  // namespace

std::string mirror_list_text(const std::string& public_url, const std::string& place) {
    return public_url + "/" + place + "/\n";
}

std::string packages_link(const Repository& repository, const std::string& place,
                          const Backend::Shape& shape) {
    return relative_link(place, repository.home().path() + "/" + shape.packages);
}

Rendering Publication::render(Plan& plan, const State& before, Time now,
                              const fs::path& directory) const {
    Rendering rendering;
    State& next = rendering.state;
    next.generation = plan.operation.number;
    next.date = now;
    next.standing = plan.standing;
    next.arrivals = plan.arrivals;
    next.repositories = before.repositories;
    for (const Repository& gone : plan.removed) next.repositories.erase(gone.path());
    next.made_with = shown_settings(depot_.configuration);
    std::vector<Job> jobs;
    for (RepositoryPlan& one : plan.composed) jobs.push_back(job_of(one, before, next));
    for (const Job& job : jobs) {
        next.repositories[job.published.repository.path()] = job.published;
    }
    next.closed = closed(plan, before, next);

    make_directories(directory);
    // Each goes its way alone: the agent, which makes one signature after the other, works while
    // other indexes are still being made, and gpg checks what is signed. All else is done beside,
    // and the rosters are written.
    parallel_for(1 + 2 * jobs.size(), [&](std::size_t i) {
        if (i == 0) return add_rest(rendering, jobs, plan, before, directory);
        if (i > jobs.size()) return save_rosters(jobs[i - 1 - jobs.size()].composition);
        Job& job = jobs[i - 1];
        compose(job, directory);
        sign(job, directory);
        for (File& file : job.composed.written) flusher_.take(std::move(file));
        check(job, directory);
        write_mirrorlist(job, directory);
    });
    for (Job& job : jobs) {
        rendering.repositories.push_back(
            {job.published.repository,
             job.published.place,
             {job.composed.lasting.begin(), job.composed.lasting.end()}});
    }
    return rendering;
}

/// All that a generation has besides the repositories that are made anew.
void Publication::add_rest(Rendering& rendering, const std::vector<Job>& jobs, const Plan& plan,
                           const State& before, const fs::path& directory) const {
    State& next = rendering.state;
    const ClientFiles files(depot_, formats_, signer_.public_key(), provider_keys_());
    const auto keys = files.keys();
    for (const auto& [path, text] : keys) next.handed_out[path] = sha256(text);
    const auto parts = parts_of(next);
    const auto own = link_unchanged(jobs, plan, before, next, parts, directory);
    const std::string keys_name(Layout::keys_name);
    // They are few and small: what is damaged of them is not carried on.
    if (own.contains(keys_name) ||
        !files.keys_are_in(depot_.layout.generation(before.generation))) {
        remove_tree(directory / keys_name);  // a link to them
        write_keys(keys, directory, flusher_);
    }
    for (const auto& [path, part] : parts) {
        if (own.contains(path)) flusher_.take(write_part(part, directory / path));
    }
    rendering.client_files = files.write(next, before, own, directory, flusher_);
    if (kind_of(depot_.layout.client_files(), Links::are_seen) != Kind::directory) {
        rendering.client_files = files.paths(next);  // none are offered yet
    }
    flusher_.take(write_first_part(next, directory));
}

/// What the operation does not touch leads to where it stands. Returns the directories that the
/// generation has itself.
std::set<std::string> Publication::link_unchanged(const std::vector<Job>& jobs, const Plan& plan,
                                                  const State& before, const State& next,
                                                  const std::map<std::string, State>& parts,
                                                  const fs::path& directory) const {
    TreeChange change;
    for (const Job& job : jobs) change.made.insert(job.published.place);
    for (const Repository& gone : plan.removed) {
        change.gone.insert(before.repositories.at(gone.path()).place);
    }
    const std::string keys(Layout::keys_name);
    const bool everything_anew = plan.mends_links;
    const bool handed_out_anew = everything_anew || before.client_files_apart() ||
                                 before.made_with != next.made_with ||
                                 before.handed_out != next.handed_out;
    if (handed_out_anew) {
        change.made.insert(keys);
        for (const auto& [path, published] : next.repositories) {
            change.opened.insert(client_directory(next, published));
        }
    }
    change.gone.insert(std::string(Layout::client_files_name));  // of an earlier format
    const ChangedParts changed(plan, before);
    for (const std::string& path : changed.directories()) {
        if (!parts.contains(path)) change.gone.insert(path);
    }
    for (const auto& [path, part] : parts) {
        if (!changed.contain(path)) continue;
        // That of a line has its repositories besides.
        (path.starts_with(Layout::state_name) ? change.made : change.opened).insert(path);
    }
    // A refresh makes all anew, also where nothing could be linked because it is damaged.
    const std::uint64_t linked = everything_anew ? 0 : before.generation;
    auto own = core::link_unchanged(depot_.layout, linked, change, directory);
    own.merge(change.made);
    return own;
}

std::map<std::string, Time> Publication::closed(const Plan& plan, const State& before,
                                                const State& next) const {
    std::map<std::string, Time> times = before.closed;
    for (const Repository& gone : plan.removed) {
        if (!gone.release.empty()) times[gone.path()] = next.date;
    }
    // What is over goes when its part is written.
    const ChangedParts changed(plan, before);
    std::erase_if(times, [&](const auto& entry) {
        const auto& [path, since] = entry;
        if (next.repositories.contains(path)) return true;
        return since + depot_.configuration.keep_packages <= next.date &&
               changed.contain(state_directory(release_of(path)));
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
    for (IndexPlan& index : plan.indexes) {
        composition.indexes[index.index] = std::move(index.change.rows);
    }
    job.published.repository = plan.repository;
    job.published.place = plan.repository.place();
    job.published.composed = next.generation;
    job.published.date = next.date;
    job.published.valid_until = composition.valid_until;

    const auto previous = before.repositories.find(plan.repository.path());
    if (previous == before.repositories.end()) return job;
    job.published.place = previous->second.place;  // links beside the generations lead there
    composition.before.directory =
        depot_.layout.generation(before.generation) / previous->second.place;
    for (const IndexPlan& index : plan.indexes) {
        composition.before.added[index.index] = index.change.added;
        composition.before.removed[index.index] = index.change.removed;
    }
    return job;
}

void Publication::compose(Job& job, const fs::path& directory) const {
    const Repository& repository = job.composition.repository;
    const fs::path target = directory / job.published.place;
    make_directories(target);
    const Backend& backend = *formats_.at(job.composition.platform.format).backend;
    with_context(repository.path(),
                 [&] { job.composed = backend.compose(job.composition, target); });
    // So that the generation's own URL is a whole repository.
    const Backend::Shape shape = backend.shape();
    new_link(
        target / shape.packages,
        packages_link(repository, generation_place(job.composition.generation, job.published.place),
                      shape));
}

void Publication::save_rosters(const Composition& composition) const {
    for (const auto& [index, rows] : composition.indexes) {
        depot_.rosters.save(composition.repository.path(), index, composition.generation, rows);
    }
}

void Publication::sign(const Job& job, const fs::path& directory) const {
    const fs::path path = job.published.place;
    const fs::path current = depot_.layout.current();
    const std::vector<SigningTask>& tasks = job.composed.signing;
    std::vector<std::string> texts;
    for (const SigningTask& task : tasks) texts.push_back(read_file(directory / path / task.file));
    std::vector<SigningRequest> requests;
    for (std::size_t i = 0; i < tasks.size(); ++i) requests.push_back({texts[i], tasks[i].form});
    const std::vector<std::string> signatures = signer_.sign(requests);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        flusher_.write_file(directory / path / tasks[i].output, signatures[i]);
        for (const std::string& file : {tasks[i].file, tasks[i].output}) {
            make_later_than(directory / path / file, current / path / file);
        }
    }
}

void Publication::check(const Job& job, const fs::path& directory) const {
    const Backend& backend = *formats_.at(job.composition.platform.format).backend;
    with_context("a client would not accept " + job.composition.repository.path(),
                 [&] { backend.check(directory / job.published.place, *verifier_.get()); });
}

void Publication::write_mirrorlist(const Job& job, const fs::path& directory) const {
    const std::string& url = depot_.configuration.public_url;
    if (url.empty()) return;
    const std::string& place = job.published.place;
    flusher_.write_file(directory / place / mirror_list,
                        mirror_list_text(url, generation_place(job.composition.generation, place)));
}

}  // namespace core
