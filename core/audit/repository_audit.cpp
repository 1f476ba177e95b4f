// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/repository_audit.hpp"

#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/publication.hpp"
#include "core/work/release_rows.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

class RepositoryAudit {
  public:
    RepositoryAudit(const Audit& audit, const FreshFormats& fresh_formats, const std::string& key)
        : audit_(audit), fresh_formats_(fresh_formats), key_(key) {}

    void run() {
        const auto verifier = audit_.collaborators.make_verifier({&key_, 1});
        const Scratch scratch(depot_.layout.work());
        const Formats fresh = fresh_formats_(scratch.directory() / "cache");
        std::size_t done = 0;
        for (const auto& entry : audit_.state.repositories) {
            const PublishedRepository& repository = entry.second;
            const std::string& path = repository.place;
            audit_.collaborators.progress("verifying repositories", done++,
                                          audit_.state.repositories.size());
            findings_.attempt(audit_.generation() / path, [&] {
                const Platform& platform =
                    depot_.configuration.platform(repository.repository.platform);
                const Backend& backend = *fresh.at(platform.format).backend;
                findings_.attempt(audit_.generation() / path,
                                  [&] { backend.check(audit_.generation() / path, *verifier); });
                compare_with_fresh(repository, platform, backend,
                                   scratch.directory() / "generation" / path);
            });
        }
    }

  private:
    /// Composes the repository anew and compares it with what is published, file by file.
    void compare_with_fresh(const PublishedRepository& published, const Platform& platform,
                            const Backend& backend, const fs::path& scratch) {
        Composition composition;
        composition.repository = published.repository;
        composition.platform = platform;
        composition.line = depot_.configuration.line(published.repository.line);
        composition.stage = depot_.configuration.stage(published.repository.stage);
        composition.origin = depot_.configuration.origin;
        composition.generation = published.composed;
        composition.form = published.form;
        composition.date = published.date;
        composition.valid_until = published.valid_until;
        for (const Section& section : backend.sections(platform, nullptr)) {
            if (section.tree == published.repository.tree) composition.indexes[section.index];
        }
        for (auto& [index, rows] : audit_.rows.from_records(published.repository)) {
            composition.indexes[index] = std::move(rows);
        }
        // What only history knows (apt's patches) comes from what is published; it has to fit.
        composition.before.directory = audit_.generation() / published.place;
        make_directories(scratch);
        const Composed composed = backend.compose(composition, scratch);
        std::set<std::string> accounted;
        for (const SigningTask& task : composed.signing) accounted.insert(task.output);

        const fs::path tree = audit_.generation() / published.place;
        for (const std::string& file : names_below(scratch)) {
            accounted.insert(file);
            if (!is_own_file(tree / file)) {
                findings_.report(tree / file, "is missing");
            } else if (read_file(tree / file) != read_file(scratch / file)) {
                findings_.report(tree / file,
                                 "differs from what its packages give, which has the digest " +
                                     sha256_file(scratch / file).hex());
            }
        }
        accounted.insert(published.carried.begin(), published.carried.end());
        accounted.insert(std::string(mirror_list));
        accounted.insert(backend.shape().packages);
        for (const std::string& file : names_below(tree)) {
            if (!accounted.contains(file)) findings_.report(tree / file, "does not belong there");
        }
        remove_tree(scratch);
    }

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
    const FreshFormats& fresh_formats_;
    const std::string& key_;
};

}  // namespace

void audit_repositories(const Audit& audit, const FreshFormats& fresh_formats,
                        const std::string& key) {
    RepositoryAudit(audit, fresh_formats, key).run();
}

}  // namespace core
