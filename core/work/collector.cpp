// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/collector.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <unistd.h>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/store/generation_tree.hpp"
#include "core/store/recovery.hpp"
#include "core/store/state_files.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/places.hpp"
#include "core/work/release_rows.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// When each release last left each stage, as (stage, release).
using Departures = std::map<std::pair<std::string, std::string>, Time>;

Departures departures(const Ledger& ledger) {
    Departures times;
    for (const auto& [operation, time] : committed(ledger.read())) {
        for (const Move& move : operation.moves) {
            if (!move.from.empty()) times[{move.from, move.release}] = time;
        }
    }
    return times;
}

/// What a repository has must not be taken for garbage because the generation lost it.
void refuse_damaged(const State& state) {
    if (state.lost.empty()) return;
    throw Error(
        fmt::format("nothing is collected, because {} {}", state.lost.front().string(), is_lost));
}

class Collector {
  public:
    Collector(Depot& depot, const Formats& formats, Time now, bool dry_run)
        : depot_(depot),
          formats_(formats),
          now_(now),
          dry_run_(dry_run),
          state_(depot.state()),
          departures_(departures(depot.ledger)),
          needed_(packages_directories()) {}

    Collected run() {
        collect_generations();
        collect_metadata();
        for (const auto& [path, published] : state_.repositories) {
            if (published.repository == published.repository.home()) {
                collect_packages(published.repository);
            }
        }
        collect_strays();
        for (const fs::path& link : dead_mirror_lists(depot_, state_)) {
            remove(link, collected_.packages);
        }
        collected_.pool_files = sweep_pool(depot_, dry_run_);
        collect_fragments();
        if (!dry_run_) {
            prune(depot_.layout.public_tree());
            prune(depot_.layout.pool());
        }
        return collected_;
    }

  private:
    void remove(const fs::path& path, std::size_t& counter) {
        ++counter;
        if (!dry_run_) remove_tree(path);
    }

    /// What is left of a generation are the directories that kept ones lead to.
    void collect_generations() {
        kept_ = generations_of(depot_.layout);
        const std::vector<std::uint64_t> numbers(kept_.begin(), kept_.end());
        // Superseded metadata is known by the generations that have it.
        const auto grace =
            std::max(depot_.configuration.keep_generations, depot_.configuration.keep_metadata);
        for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
            // A generation was in use until its successor came.
            if (date_of(depot_.layout, numbers[i + 1]) + grace > now_) break;
            ++collected_.generations;
            if (!dry_run_) remove_tree(state_file(numbers[i]));  // from here on it is none
            kept_.erase(numbers[i]);
        }
        metadata_.emplace(depot_.layout, formats_, kept_);
        if (dry_run_) return;
        for (const Entry& entry : entries(depot_.layout.generations())) {
            const auto number = Layout::generation_number(entry.name());
            if (number && !kept_.contains(*number)) remove_unneeded("generations/" + entry.name());
        }
    }

    fs::path state_file(std::uint64_t number) const {
        return depot_.layout.generation(number) / "state.json";
    }

    /// Of a directory below public/: what is in one that is needed is needed itself.
    void remove_unneeded(const std::string& directory) const {
        const fs::path path = depot_.layout.public_tree() / directory;
        const std::set<std::string>& needed = metadata_->all_directories();
        if (needed.contains(directory)) return;
        if (!lead_to(needed, directory)) return remove_at_once(path);
        for (const Entry& entry : entries(path)) {
            if (entry.kind == Kind::directory) {
                remove_unneeded(directory + "/" + entry.name());
            } else {
                remove_tree(entry.path);
            }
        }
    }

    /// Metadata beside the stable URLs that no kept generation has, and links to what no generation
    /// has any more.
    void collect_metadata() {
        for (const auto& [path, published] : state_.repositories) {
            const Platform& platform = depot_.configuration.platform(published.repository.platform);
            const std::string metadata = formats_.at(platform.format).backend->shape().metadata;
            std::set<std::string> needed;
            for (const std::string& directory : metadata_->of(published, metadata)) {
                needed.merge(names_below(depot_.layout.public_tree() / directory));
            }
            collect_metadata(depot_.layout.stable(published.repository) / metadata, needed);
        }
        collect_metadata(depot_.layout.client_files(), {});
    }

    void collect_metadata(const fs::path& directory, const std::set<std::string>& needed) {
        // Of before format 3 of state.json: a link to what `current` has.
        if (kind_of(directory, Links::are_seen) != Kind::directory) return;
        for (const Entry& entry : files_below(directory)) {
            const bool is_needed = entry.kind == Kind::link
                                       ? status_of(entry.path).has_value()
                                       : needed.contains(entry.path.lexically_relative(directory));
            if (!is_needed && is_metadata(entry)) remove(entry.path, collected_.metadata);
        }
    }

    /// What has another name, or leads elsewhere, a person has put there.
    bool is_metadata(const Entry& entry) const {
        if (entry.kind == Kind::link) {
            const fs::path directory =
                entry.path.parent_path().lexically_relative(depot_.layout.public_tree());
            return pointed(entry.path)
                .native()
                .starts_with(relative_link(directory.native(), "current/"));
        }
        // By its content; or by the generation that made it, as patches were.
        return digest_in_name(entry.path) || Layout::generation_number(entry.path.stem().native());
    }

    /// True if a release that named the file in this stage left it less than the grace time ago.
    bool in_grace(const Repository& repository, const std::string& path) {
        const auto [begin, end] = former_paths(repository).equal_range(path);
        return std::any_of(begin, end, [&](const auto& entry) {
            return entry.second + depot_.configuration.keep_packages > now_;
        });
    }

    /// Package paths of the releases that left a stage of a line, with the time.
    const std::multimap<std::string, Time>& former_paths(const Repository& repository) {
        const auto [entry, is_new] = former_.try_emplace({repository.stage, repository.line});
        if (!is_new) return entry->second;
        for (const auto& [departure, time] : departures_) {
            const auto& [stage, id] = departure;
            if (stage != repository.stage) continue;
            const Release release = depot_.records.load(id);
            if (release.line != repository.line) continue;
            for (const Package& package : release.packages)
                entry->second.emplace(package.path, time);
        }
        return entry->second;
    }

    void collect_packages(const Repository& repository) {
        const Platform& platform = depot_.configuration.platform(repository.platform);
        const fs::path stable = depot_.layout.stable(repository);
        const fs::path packages = stable / formats_.at(platform.format).backend->shape().packages;
        const auto named = named_paths(repository);
        const std::size_t prefix = stable.native().size() + 1;
        for (const Entry& entry : files_below(packages)) {
            const std::string path = entry.path.native().substr(prefix);
            if (!named.contains(path) && !in_grace(repository, path)) {
                remove(entry.path, collected_.packages);
            }
        }
    }

    std::unordered_set<std::string> named_paths(const Repository& repository) const {
        std::unordered_set<std::string> paths;
        for (auto& [index, rows] : rows_.of(repository)) {
            for (const Row& row : rows) paths.emplace(row.path);
        }
        return paths;
    }

    /// What lies beside the generations where no generation that is kept has a repository: links
    /// and packages of ours go, what others put there stays and is verify's to tell.
    void collect_strays() {
        const Places places(depot_.layout, *metadata_);
        for (const Entry& top : entries(depot_.layout.public_tree())) {
            if (top.kind == Kind::directory && top.path != depot_.layout.generations() &&
                top.path != depot_.layout.client_files()) {
                collect_strays_below(top.path, places);
            }
        }
    }

    void collect_strays_below(const fs::path& directory, const Places& places) {
        const bool place = places.contains(directory);
        for (const Entry& entry : entries(directory)) {
            if (entry.kind == Kind::directory) {
                // Below a repository there are its packages, and the repositories of architectures.
                const bool is_needed = places.are_in(entry.path);
                if (is_needed || (!place && !was_closed_lately(entry.path))) {
                    collect_strays_below(entry.path, places);
                }
            } else if (is_temporary(entry.name())) {
                remove(entry.path, collected_.packages);
            } else if (!place && is_ours(entry)) {
                collect_stray(entry.path);
            }
        }
    }

    /// True for repositories of a release whose grace time goes on.
    bool was_closed_lately(const fs::path& directory) const {
        if (depot_.layout.release_directory(directory).empty()) return false;
        const std::string path =
            directory.lexically_relative(depot_.layout.public_tree()).native() + "/";
        return std::ranges::any_of(state_.closed, [&](const auto& closed) {
            return (closed.first + "/").starts_with(path) &&
                   closed.second + depot_.configuration.keep_packages > now_;
        });
    }

    /// Repositories of single releases are counted by their releases.
    void collect_stray(const fs::path& path) {
        const fs::path release = depot_.layout.release_directory(path);
        if (release.empty()) return remove(path, collected_.packages);
        if (releases_.insert(release).second) ++collected_.repositories;
        if (!dry_run_) remove_tree(path);
    }

    bool is_ours(const Entry& entry) const {
        if (entry.kind == Kind::link) return is_link_of_repository(depot_.layout, entry.path);
        if (digest_in_name(entry.path)) return true;  // metadata
        return std::ranges::any_of(formats_, [&](const auto& format) {
            const auto owner = depot_.pool.name_link(format.second.package_format, entry.name());
            return same_file(entry.path, owner);
        });
    }

    /// Directories that became empty, but for those that repositories need.
    void prune(const fs::path& directory) const {
        for (const Entry& entry : entries(directory, Absent::is_empty)) {
            if (entry.kind != Kind::directory || entry.path == depot_.layout.generations() ||
                entry.path == depot_.layout.client_files()) {
                continue;
            }
            prune(entry.path);
            if (!needed_.contains(entry.path)) remove_if_empty(entry.path);
        }
    }

    static void remove_if_empty(const fs::path& directory) {
        if (::rmdir(directory.c_str()) == 0 || errno == ENOTEMPTY || errno == EEXIST) return;
        if (errno != ENOENT) throw system_error("cannot remove " + directory.string());
    }

    /// Directories of packages, which may be empty.
    std::set<fs::path> packages_directories() const {
        std::set<fs::path> all;
        for (const auto& [path, published] : state_.repositories) {
            const Platform& platform = depot_.configuration.platform(published.repository.platform);
            all.insert(depot_.layout.stable(published.repository) /
                       formats_.at(platform.format).backend->shape().packages);
        }
        return all;
    }

    /// Others use the cache at the same time, and by the system's clock.
    void collect_fragments() const {
        if (dry_run_) return;
        std::unordered_set<Digest> recorded;
        for (const std::string& id : depot_.records.ids()) {
            for (const Package& package : depot_.records.load(id).packages) {
                recorded.insert(package.digest);
            }
        }
        depot_.cache.sweep([&](const Digest& package) { return recorded.contains(package); },
                           std::time(nullptr));
    }

    Depot& depot_;
    const Formats& formats_;
    const Time now_;
    const bool dry_run_;
    const State state_;
    const RepositoryRows rows_{depot_, formats_, state_};
    const Departures departures_;
    const std::set<fs::path> needed_;
    std::set<std::uint64_t> kept_;            // generations
    std::optional<MetadataPlaces> metadata_;  // of these
    std::set<fs::path> releases_;             // whose own repositories were collected
    std::map<std::pair<std::string, std::string>, std::multimap<std::string, Time>> former_;
    Collected collected_;
};

}  // namespace

Collected collect(Depot& depot, const Formats& formats, Time now, bool dry_run) {
    const State state = depot.state();
    Depot published = depot;  // a change of the configuration is not carried out here
    published.configuration = configuration_of(state, depot.configuration);
    refuse_damaged(state);
    return Collector(published, formats, now, dry_run).run();
}

}  // namespace core
