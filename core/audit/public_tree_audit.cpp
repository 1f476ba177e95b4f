// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/public_tree_audit.hpp"

#include <algorithm>

#include "core/store/generation_tree.hpp"
#include "core/store/state_files.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/places.hpp"
#include "core/work/publication.hpp"
#include "core/work/release_rows.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

class PublicTreeAudit {
  public:
    PublicTreeAudit(const Audit& audit, std::set<std::string> client_files)
        : audit_(audit),
          metadata_places_(depot_.layout, audit.collaborators.formats,
                           generations_of(depot_.layout)),
          files_(std::move(client_files)) {}

    void run() {
        findings_.attempt(audit_.generation(), [&] { audit_generation(); });
        for (const auto& [path, published] : audit_.state.repositories) {
            findings_.attempt(depot_.layout.public_tree() / path,
                              [&, &one = published] { audit_links(one); });
        }
        audit_repositories();
        audit_stable_trees();
        findings_.attempt(depot_.layout.public_tree(), [&] { audit_owners(); });
    }

  private:
    /// What the generation has besides repositories and keys are directories that lead to them,
    /// client files and its state.
    void audit_generation() {
        const std::string apart(Layout::client_files_name);
        if (kind_of(depot_.layout.client_files(), Links::are_seen) == Kind::link) {
            std::set<std::string> names;
            for (const std::string& file : files_) {
                names.insert(apart + "/" + fs::path(file).filename().native());
            }
            files_.merge(names);
        }
        files_.insert("state.json");
        for (const auto& [path, part] : parts_of(audit_.state)) {
            if (!audit_.state.in_one_file()) files_.insert(path + "/state.json");
        }
        leads_ = files_;
        leads_.insert(std::string(Layout::keys_name));
        for (const auto& [path, published] : audit_.state.repositories) {
            places_.insert(published.place);
            leads_.insert(published.place);
        }
        audit_directory("");
    }

    void audit_directory(const std::string& path) {
        const Layout& layout = depot_.layout;
        const fs::path shown = audit_.generation() / path;
        findings_.attempt(shown, [&] {
            const std::string place = real_place(layout, audit_.state.generation, path);
            for (const Entry& entry : entries(layout.public_tree() / place)) {
                const std::string child = path.empty() ? entry.name() : path + "/" + entry.name();
                const bool is_file = entry.kind == Kind::file;
                if (is_file ? !files_.contains(child) : !lead_to(leads_, child)) {
                    findings_.report(shown / entry.name(), "does not belong there");
                } else if (!is_file && !places_.contains(child) && child != Layout::keys_name) {
                    audit_directory(child);
                }
            }
        });
    }

    /// Each line has its repositories, and each release in the stage of entry its own.
    void audit_repositories() {
        const Configuration& configuration = depot_.configuration;
        const Formats& formats = audit_.collaborators.formats;
        for (const Repository& one : standing_repositories(configuration, formats)) {
            expect_published(one);
        }
        for (const auto& [id, stage] : audit_.state.standing) {
            if (stage != configuration.entry_stage().name) continue;
            findings_.attempt(depot_.layout.releases() / (id + ".json"), [&, &release = id] {
                for (const Repository& own :
                     own_repositories(configuration, formats, depot_.records.load(release))) {
                    expect_published(own);
                }
            });
        }
    }

    void expect_published(const Repository& repository) {
        if (audit_.state.repositories.contains(repository.path())) return;
        findings_.report(depot_.layout.stable(repository), "is missing; `sluice refresh` opens it");
    }

    void audit_links(const PublishedRepository& published) {
        const Repository& repository = published.repository;
        const Backend::Shape shape = audit_.backend_of(repository).shape();
        const std::string path = repository.path();
        const std::string place =
            real_place(depot_.layout, audit_.state.generation, published.place);
        expect_link(findings_, audit_.generation() / published.place / shape.packages,
                    packages_link(repository, place, shape), mended_by_refresh);
        const fs::path stable = depot_.layout.stable(repository);
        if (repository != repository.home()) {
            expect_link(findings_, stable / shape.packages,
                        relative_link(path, repository.home().path() + "/" + shape.packages),
                        mended_by_refresh);
        }
        std::vector<std::string> names{shape.packages};
        const std::string& url = depot_.configuration.public_url;
        if (!url.empty()) {
            names.emplace_back(mirror_list);
            expect_text(findings_, audit_.generation() / published.place / mirror_list,
                        mirror_list_text(url, place));
            expect_current(published, std::string(mirror_list));
        }
        if (kind_of(stable / shape.metadata, Links::are_seen) == Kind::link) {
            names.push_back(shape.metadata);  // of a state.json up to format 2
            expect_current(published, shape.metadata);
        } else {
            audit_metadata(published, shape.metadata);
        }
        for (const Entry& entry : entries(stable, Absent::is_empty)) audit_entry(entry, names);
    }

    /// A link beside the generations, to what `current` has in the same place.
    void expect_current(const PublishedRepository& published, const std::string& file) {
        const fs::path path = fs::path(published.repository.path()) / file;
        expect_link(
            findings_, depot_.layout.public_tree() / path,
            relative_link(path.parent_path().native(), "current/" + published.place + "/" + file),
            mended_by_refresh);
    }

    /// Beside the generations: what is named by its content is there itself, and all else is a link
    /// to what `current` has. More of both may wait for gc.
    void audit_metadata(const PublishedRepository& published, const std::string& metadata) {
        const fs::path stable = depot_.layout.stable(published.repository);
        const fs::path current = audit_.generation() / published.place;
        const std::set<std::string> wanted = names_below(current / metadata);
        for (const std::string& name : wanted) {
            const std::string file = metadata + "/" + name;
            if (same_file(current / file, stable / file)) continue;
            const auto digest = digest_in_name(file);
            if (!digest) {
                expect_current(published, file);
            } else if (!is_own_file(stable / file) || sha256_file(stable / file) != *digest) {
                // A commit that was cut off may have left the same bytes as another file.
                findings_.report(stable / file,
                                 std::string("is not the generation's").append(mended_by_refresh));
            }
        }
        std::set<std::string> stood_once;
        for (const std::string& directory : metadata_places_.of(published, metadata)) {
            const fs::path was = depot_.layout.public_tree() / directory;
            for (const std::string& name : names_below(was)) {
                if (!stood_once.insert(name).second || wanted.contains(name)) continue;
                const auto digest = digest_in_name(name);
                if (!digest || is_own_file(stable / metadata / name)) continue;
                if (sha256_file(was / name) != *digest) continue;  // of no use to anybody
                findings_.report(stable / metadata / name,
                                 std::string("is missing (superseded metadata that clients may "
                                             "still ask for)")
                                     .append(mended_by_refresh));
            }
        }
        for (const Entry& entry : files_below(stable / metadata, Absent::is_empty)) {
            const std::string name = entry.path.lexically_relative(stable / metadata);
            if (!wanted.contains(name)) audit_superseded(entry, stood_once.contains(name));
        }
    }

    void audit_superseded(const Entry& entry, bool stood_once) {
        const auto digest = digest_in_name(entry.path);
        if (entry.kind == Kind::link && is_link_of_repository(depot_.layout, entry.path)) return;
        if (entry.kind == Kind::file && digest) {
            if (sha256_file(entry.path) == *digest) return;
            findings_.report(entry.path,
                             "its content does not have the digest in its name; it is superseded "
                             "and can be removed");
        } else if (entry.kind != Kind::file || !stood_once) {
            findings_.report(entry.path, "does not belong there");
        }
    }

    /// Of the directory that a repository has beside the generations; `names` are what it should
    /// have there.
    void audit_entry(const Entry& entry, const std::vector<std::string>& names) {
        if (entry.kind == Kind::directory) return;
        const bool is_link =
            entry.kind == Kind::link && is_link_of_repository(depot_.layout, entry.path);
        const bool is_wanted = std::ranges::find(names, entry.name()) != names.end();
        if (is_link && !status_of(entry.path) && (is_wanted || entry.name() == mirror_list)) {
            findings_.report(entry.path, std::string("leads nowhere").append(mended_by_refresh));
        } else if (!is_wanted) {
            findings_.report(entry.path, "does not belong there");
        }
    }

    void audit_stable_trees() {
        for (const auto& [path, published] : audit_.state.repositories) {
            findings_.attempt(
                depot_.layout.public_tree() / path,
                [&, &repository = published.repository] { audit_packages(repository); });
        }
    }

    /// Nothing in public/ is without an owner, and no link leads out of it: web servers follow
    /// them.
    void audit_owners() {
        const Layout& layout = depot_.layout;
        for (const Entry& entry : files_below(layout.public_tree())) {
            if (entry.kind == Kind::link) audit_target(entry.path);
        }
        for (const Entry& entry : entries(layout.generations())) {
            const auto number = Layout::generation_number(entry.name());
            const bool known = number && *number <= audit_.state.generation;
            if (!known) findings_.report(entry.path, "does not belong there");
        }
        const Places places(layout, metadata_places_);
        for (const Entry& entry : entries(layout.public_tree())) {
            const bool ours = entry.path == layout.generations() ||
                              entry.path == layout.current() || entry.path == layout.keys() ||
                              entry.path == layout.client_files();
            if (!ours) audit_place(entry, places);
        }
    }

    void audit_place(const Entry& entry, const Places& places) {
        if (entry.kind != Kind::directory) {
            findings_.report(entry.path, "does not belong there");
        } else if (!places.are_in(entry.path)) {
            audit_rest(entry.path);
        } else {
            for (const Entry& below : entries(entry.path)) {
                // What is in a repository is looked at elsewhere.
                if (!places.contains(entry.path) || places.are_in(below.path)) {
                    audit_place(below, places);
                }
            }
        }
    }

    /// What is where no repository is: empty directories and links of closed repositories wait for
    /// gc.
    void audit_rest(const fs::path& directory) {
        std::vector<Entry> files = files_below(directory);
        const std::size_t all = files.size();
        std::erase_if(files, [&](const Entry& entry) {
            return entry.kind == Kind::link ? is_link_of_repository(depot_.layout, entry.path)
                                            : digest_in_name(entry.path).has_value();
        });
        if (!files.empty() && files.size() == all) {
            findings_.report(directory, "does not belong there");
        } else {
            for (const Entry& file : files) findings_.report(file.path, "does not belong there");
        }
    }

    void audit_target(const fs::path& link) {
        const fs::path target = pointed(link);
        const std::string leads = (link.parent_path() / target).lexically_normal().string();
        if (target.is_absolute() ||
            !leads.starts_with(depot_.layout.public_tree().string() + "/")) {
            findings_.report(link, "leads out of public/");
        }
    }

    void expect_pool_file(const fs::path& package, const Digest& digest,
                          const std::string& format) {
        if (same_file(package, depot_.pool.file(digest, format))) return;
        std::string message = kind_of(package, Links::are_seen)
                                  ? "is not the pool's file " + digest.hex()
                                  : "is missing";
        if (depot_.pool.holds(digest, format)) message += mended_by_refresh;
        findings_.report(package, std::move(message));
    }

    /// Every named package is the pool's file; every other is some file of the pool that waits to
    /// be collected.
    void audit_packages(const Repository& repository) {
        const Platform& platform = depot_.configuration.platform(repository.platform);
        const Format& format = audit_.collaborators.formats.at(platform.format);
        const fs::path stable = depot_.layout.stable(repository);
        const std::string packages = format.backend->shape().packages;
        std::set<std::string> named;
        for (const auto& [index, rows] : audit_.rows.from_records(repository)) {
            for (const Row& row : rows) {
                if (row.architecture.empty() || !named.emplace(row.path).second) continue;
                expect_pool_file(stable / row.path, row.digest, format.package_format);
            }
        }
        if (repository != repository.home()) return;
        if (!kind_of(stable / packages)) {
            findings_.report(stable / packages,
                             std::string("is missing").append(mended_by_refresh));
            return;
        }
        for (const std::string& file : names_below(stable / packages)) {
            const fs::path path = stable / packages / file;
            if (named.contains(packages + "/" + file)) continue;
            const fs::path owner =
                depot_.pool.name_link(format.package_format, path.filename().string());
            if (same_file(path, owner)) continue;
            const bool is_copy = is_copied_package(depot_.pool, format.package_format, path);
            findings_.report(
                path, is_copy
                          ? std::string("is a copy of the pool's file").append(mended_by_refresh)
                          : "does not belong there");
        }
    }

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
    const MetadataPlaces metadata_places_;
    std::set<std::string> files_;   // that the generation should have outside of repositories
    std::set<std::string> places_;  // of its repositories
    std::set<std::string> leads_;   // to all that it has
};

}  // namespace

void audit_public_tree(const Audit& audit, std::set<std::string> client_files) {
    audit.findings.attempt(audit.generation(),
                           [&] { PublicTreeAudit(audit, std::move(client_files)).run(); });
}

}  // namespace core
