// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/public_tree_audit.hpp"

#include <algorithm>

#include "core/entries.hpp"
#include "core/files.hpp"
#include "core/handed_out_audit.hpp"
#include "core/places.hpp"
#include "core/plan.hpp"
#include "core/publication.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

class PublicTreeAudit {
  public:
    explicit PublicTreeAudit(const Audit& audit) : audit_(audit) {}

    void run() {
        findings_.attempt(audit_.generation(), [&] { audit_generation(); });
        audit_own_repositories();
        audit_stable_trees();
        findings_.attempt(depot_.layout.public_tree(), [&] { audit_owners(); });
    }

  private:
    /// Links and stray files of the generation outside of its repositories.
    void audit_generation() {
        for (const std::string& file : names_below(audit_.generation())) {
            const bool known =
                file == "state.json" || is_handed_out(file) ||
                std::ranges::any_of(audit_.state.repositories, [&](const auto& entry) {
                    return file.starts_with(entry.first + "/");
                });
            if (!known) findings_.report(audit_.generation() / file, "does not belong there");
        }
        for (const auto& [path, published] : audit_.state.repositories) {
            findings_.attempt(depot_.layout.public_tree() / path,
                              [&, &repository = published.repository] { audit_links(repository); });
        }
    }

    /// Each release in the stage of entry has its own repositories.
    void audit_own_repositories() {
        const Configuration& configuration = depot_.configuration;
        const Formats& formats = audit_.collaborators.formats;
        for (const auto& [id, stage] : audit_.state.standing) {
            if (stage != configuration.entry_stage().name) continue;
            findings_.attempt(depot_.layout.releases() / (id + ".json"), [&, &release = id] {
                for (const Repository& own :
                     own_repositories(configuration, formats, depot_.records.load(release))) {
                    if (audit_.state.repositories.contains(own.path())) continue;
                    findings_.report(depot_.layout.stable(own),
                                     "is missing; `sluice refresh` opens it");
                }
            });
        }
    }

    void audit_links(const Repository& repository) {
        const Backend& backend = audit_.backend_of(repository);
        const std::string path = repository.path();
        const std::string packages = backend.shape().packages;
        const std::string within =
            "generations/" + Layout::generation_name(audit_.state.generation) + "/" + path;
        const std::string home = repository.home().path() + "/" + packages;
        expect_link(findings_, audit_.generation() / path / packages, relative_link(within, home),
                    mended_by_refresh);
        const fs::path stable = depot_.layout.stable(repository);
        if (repository != repository.home()) {
            expect_link(findings_, stable / packages, relative_link(path, home), mended_by_refresh);
        }
        std::vector<std::string> names{backend.shape().metadata};
        const std::string& url = depot_.configuration.public_url;
        if (!url.empty()) {
            names.emplace_back(mirror_list);
            expect_text(audit_.generation() / path / mirror_list,
                        mirror_list_text(url, repository, audit_.state.generation));
        }
        for (const std::string& name : names) {
            expect_link(findings_, stable / name,
                        relative_link(path, "current/" + path + "/" + name), mended_by_refresh);
        }
        names.emplace_back(packages);
        for (const Entry& entry : entries(stable, Absent::is_empty)) audit_entry(entry, names);
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

    /// A file that is made of nothing but the configuration and the state.
    void expect_text(const fs::path& file, const std::string& text) {
        if (!is_own_file(file)) {
            findings_.report(file, "is missing");
        } else if (read_file(file) != text) {
            findings_.report(
                file, "is not what the configuration gives; `sluice refresh` writes it anew");
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
        const Places places(depot_, generations_of(layout));
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
            return entry.kind == Kind::link && is_link_of_repository(depot_.layout, entry.path);
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
        for (const auto& [index, rows] :
             rows_from_records(depot_, audit_.collaborators.formats, audit_.state, repository)) {
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
            if (!same_file(path, owner)) findings_.report(path, "does not belong there");
        }
    }

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
};

}  // namespace

void audit_public_tree(const Audit& audit) {
    PublicTreeAudit(audit).run();
}

}  // namespace core
