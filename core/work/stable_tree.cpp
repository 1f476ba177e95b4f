// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/stable_tree.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <iterator>
#include <optional>
#include <random>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "core/work/places.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// Packages of a directory mostly follow each other; where others come between them, it is met
/// again.
void collect(const Rows& rows, const fs::path& stable, std::string_view format,
             std::vector<StableTree::NewLinks>& all) {
    std::optional<std::string_view> last;
    for (const Row& row : rows) {
        if (row.architecture.empty()) continue;  // a document
        const std::string_view directory = row.path.substr(0, row.path.rfind('/'));
        if (directory != last) all.push_back({stable / directory, format, {}});
        all.back().rows.push_back(row);
        last = directory;
    }
}

/// From a directory beside the generations to what `current` has.
fs::path link_to_current(const std::string& directory, const std::string& place) {
    return relative_link(directory, "current/" + place);
}

/// Both keep what they lead to at every moment.
void exchange(const fs::path& a, const fs::path& b) {
    if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) != 0) {
        throw system_error("cannot exchange " + a.string() + " and " + b.string());
    }
}

/// Renames `made`, which is no directory, to `to`. A directory there goes if it has nothing but
/// what `meant`, which `made` is or leads to, has as well: then it is a copy of ours.
void put(const fs::path& made, const fs::path& to, const fs::path& meant) {
    if (kind_of(to, Links::are_seen) != Kind::directory) return move_file(made, to);
    for (const std::string& name : names_below(to)) {
        if (kind_of(meant / name)) continue;
        throw Error((to / name).string() + ": is not ours, and stands where a link belongs; move " +
                    to.string() + " away");
    }
    exchange(made, to);
}

std::string parent_of(const std::string& path) {
    return fs::path(path).parent_path().native();
}

}  // namespace

std::vector<StableTree::NewLinks> StableTree::new_links() const {
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

void StableTree::add_packages(const std::vector<NewLinks>& links) const {
    for (const RepositoryPlan& one : plan_.composed) create(one.repository);
    parallel_for(links.size(), [&](std::size_t i) { make(links[i]); });
}

void StableTree::create(const Repository& repository) const {
    const std::string packages = format_of(repository).backend->shape().packages;
    open(depot_.layout.stable(repository.home()) / packages);
    if (repository == repository.home()) return;
    open(depot_.layout.stable(repository));
    symlink_over(depot_.layout.stable(repository) / packages,
                 relative_link(repository.path(), repository.home().path() + "/" + packages));
}

const Format& StableTree::format_of(const Repository& repository) const {
    return formats_.at(depot_.configuration.platform(repository.platform).format);
}

/// The packages among rows that are not where they should be, but for those that the pool lacks
/// itself: of these verify tells, and the others must not wait for them.
Rows StableTree::unlinked(const Rows& rows, const fs::path& stable, std::string_view format) const {
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
void StableTree::make(const NewLinks& links) const {
    open(links.directory);
    for (const Row& row : links.rows) {
        const fs::path in_pool = depot_.pool.file(row.digest, links.format);
        const fs::path link = links.directory / row.path.substr(row.path.rfind('/') + 1);
        if (plan_.mends_links) {
            hard_link_over(in_pool, link);
        } else {
            hard_link(in_pool, link);
        }
    }
}

void StableTree::add_metadata(const Rendered& rendered, const State& before,
                              const fs::path& generation) const {
    const std::string path = rendered.repository.path();
    const std::string metadata = format_of(rendered.repository).backend->shape().metadata;
    open_metadata(metadata, rendered, before);
    std::string last;  // files of a directory follow each other
    for (const Entry& entry : files_below(generation / rendered.place / metadata)) {
        const std::string file = entry.path.lexically_relative(generation / rendered.place);
        const fs::path stable = depot_.layout.stable(rendered.repository) / file;
        if (parent_of(file) != last) open_metadata(last = parent_of(file), rendered, before);
        if (rendered.lasting.contains(file)) {
            hard_link_over(entry.path, stable);
        } else {
            symlink_over(
                stable, link_to_current(parent_of(path + "/" + file), rendered.place + "/" + file));
        }
    }
    if (depot_.configuration.public_url.empty()) return;
    const std::string list(mirror_list);
    symlink_over(depot_.layout.stable(rendered.repository) / list,
                 link_to_current(path, rendered.place + "/" + list));
}

void StableTree::mend_superseded(const State& before) const {
    const Layout& layout = depot_.layout;
    const MetadataPlaces places(layout, formats_, generations_of(layout));
    for (const RepositoryPlan& one : plan_.composed) {
        const auto published = before.repositories.find(one.repository.path());
        if (published == before.repositories.end()) continue;
        const std::string metadata = format_of(one.repository).backend->shape().metadata;
        const fs::path stable = layout.stable(one.repository) / metadata;
        for (const std::string& directory : places.of(published->second, metadata)) {
            for (const std::string& name : names_below(layout.public_tree() / directory)) {
                const auto digest = digest_in_name(name);
                const fs::path file = layout.public_tree() / directory / name;
                if (!digest || is_file(stable / name, Links::are_seen)) continue;
                if (sha256_file(file) != *digest) continue;
                open((stable / name).parent_path());
                hard_link_over(file, stable / name);
            }
        }
    }
}

void StableTree::mend_copies() const {
    for (const RepositoryPlan& one : plan_.composed) {
        if (one.repository != one.repository.home()) continue;
        const Format& format = format_of(one.repository);
        const fs::path packages =
            depot_.layout.stable(one.repository) / format.backend->shape().packages;
        for (const Entry& entry : files_below(packages)) {
            if (is_copied_package(depot_.pool, format.package_format, entry.path)) {
                hard_link_over(depot_.pool.name_link(format.package_format, entry.name()),
                               entry.path);
            }
        }
    }
}

/// Makes a directory of the metadata, and those that lead to it. Before state.json had the format 3
/// that of all was a link to that of `current`, which had all. What is no directory is exchanged
/// with one where all is found that is published.
void StableTree::open_metadata(const std::string& directory, const Rendered& rendered,
                               const State& before) const {
    if (directory.empty()) return open(depot_.layout.stable(rendered.repository));
    open_metadata(parent_of(directory), rendered, before);
    const std::string path = rendered.repository.path();
    const fs::path stable = depot_.layout.stable(rendered.repository) / directory;
    const auto kind = kind_of(stable, Links::are_seen);
    if (kind == Kind::directory) return flusher_.add(stable);
    if (!kind) return open(stable);
    const auto published = before.repositories.find(path);
    const fs::path made = new_name_aside();
    make_directories(made);
    if (published != before.repositories.end()) {
        const std::string& place = published->second.place;
        const std::vector<std::string>& carried = published->second.carried;
        const fs::path was = depot_.layout.generation(before.generation) / place;
        for (const Entry& entry : files_below(was / directory, Absent::is_empty)) {
            const std::string file = entry.path.lexically_relative(was);
            const fs::path target = made / entry.path.lexically_relative(was / directory);
            make_directories(target.parent_path());
            if (digest_in_name(file) || std::ranges::find(carried, file) != carried.end()) {
                hard_link(entry.path, target);
            } else {
                new_link(target, link_to_current(parent_of(path + "/" + file), place + "/" + file));
            }
        }
    }
    exchange(made, stable);
    flusher_.add_tree(stable);
}

void StableTree::offer_handed_out(const std::set<std::string>& client_files,
                                  const State& before) const {
    const Layout& layout = depot_.layout;
    const fs::path current = layout.current().filename();
    symlink_over(layout.keys(), current / Layout::keys_name);
    // While generations had a directory of client files this was a link to it. The first one whose
    // state.json has format 3 has it too, because here `current` still leads to the one before.
    if (before.client_files_apart()) return;
    const std::string name(Layout::client_files_name);
    const auto kind = kind_of(layout.client_files(), Links::are_seen);
    const bool is_other = kind && kind != Kind::directory;
    const fs::path directory = is_other ? new_name_aside() : layout.client_files();
    make_directories(directory);
    for (const std::string& file : client_files) {
        symlink_over(directory / fs::path(file).filename(), link_to_current(name, file));
    }
    if (is_other) exchange(directory, layout.client_files());
    open(layout.client_files());
}

fs::path StableTree::new_name_aside() const {
    return aside_ / std::to_string(names_++);
}

/// It will get names, or has got them. A refresh replaces what is there and leads to no directory:
/// nothing below it can be asked for. What public/ gets is flushed with the swap, which is in it
/// too.
void StableTree::open(const fs::path& directory) const {
    const fs::path top = depot_.layout.public_tree();
    if (plan_.mends_links) {
        const std::lock_guard lock(making_);  // two would exchange it back
        fs::path step = top;
        for (const fs::path& name : directory.lexically_relative(step)) {
            step /= name;
            if (!kind_of(step, Links::are_seen) || kind_of(step) == Kind::directory) continue;
            const fs::path made = new_name_aside();
            make_directories(made);
            exchange(made, step);
        }
    }
    make_directories(directory);
    flusher_.add(directory, top);
}

/// Makes `to` the file that `from` is. Nobody sees it missing, nor a temporary beside it.
void StableTree::hard_link_over(const fs::path& from, const fs::path& to) const {
    if (!kind_of(to, Links::are_seen)) return hard_link(from, to);
    if (same_file(from, to)) return;
    const fs::path made = new_name_aside();
    hard_link(from, made);
    put(made, to, from);
    remove_tree(made);  // still there if another thread was faster
}

void StableTree::symlink_over(const fs::path& link, const fs::path& target) const {
    if (kind_of(link, Links::are_seen) == Kind::link && pointed(link) == target) return;
    const fs::path made = new_name_aside();
    new_link(made, target);
    put(made, link, link.parent_path() / target);
}

}  // namespace core
