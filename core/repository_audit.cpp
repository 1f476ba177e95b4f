// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repository_audit.hpp"

#include "core/entries.hpp"
#include "core/files.hpp"
#include "core/plan.hpp"
#include "core/publication.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// The SHA-256 that stands in a file's name, as in by-hash/SHA256/… and …-primary.xml.gz.
std::optional<std::string> digest_in_name(const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    const std::string head = name.substr(0, 64);
    const bool digest =
        head.size() == 64 && head.find_first_not_of("0123456789abcdef") == std::string::npos;
    return digest ? std::optional(head) : std::nullopt;
}

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
            const std::string& path = entry.first;
            const PublishedRepository& repository = entry.second;
            audit_.collaborators.progress("verifying repositories", done++,
                                          audit_.state.repositories.size());
            findings_.attempt(audit_.generation() / path, [&] {
                const Platform& platform =
                    depot_.configuration.platform(repository.repository.platform);
                const Backend& backend = *fresh.at(platform.format).backend;
                findings_.attempt(audit_.generation() / path,
                                  [&] { backend.check(audit_.generation() / path, *verifier); });
                compare_with_fresh(repository, platform, backend, fresh,
                                   scratch.directory() / "generation" / path);
            });
        }
    }

  private:
    /// Composes the repository anew and compares it with what is published, file by file.
    void compare_with_fresh(const PublishedRepository& published, const Platform& platform,
                            const Backend& backend, const Formats& fresh, const fs::path& scratch) {
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
        for (auto& [index, rows] :
             rows_from_records(depot_, fresh, audit_.state, published.repository)) {
            composition.indexes[index] = std::move(rows);
        }
        // What only history knows (apt's patches) comes from what is published; it has to fit.
        composition.before.directory = audit_.generation() / published.repository.path();
        make_directories(scratch);
        const Composed composed = backend.compose(composition, scratch);
        std::set<std::string> accounted;
        for (const SigningTask& task : composed.signing) accounted.insert(task.output);

        const fs::path tree = audit_.generation() / published.repository.path();
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
        for (const auto& [file, since] : published.superseded) {
            accounted.insert(file);
            audit_superseded(tree / file);
        }
        accounted.insert(std::string(mirror_list));
        accounted.insert(backend.shape().packages);
        for (const std::string& file : names_below(tree)) {
            if (!accounted.contains(file)) findings_.report(tree / file, "does not belong there");
        }
        remove_tree(scratch);
    }

    void audit_superseded(const fs::path& file) {
        if (!is_own_file(file)) {
            findings_.report(file,
                             "is missing (superseded metadata that clients may still ask for)");
            return;
        }
        const auto digest = digest_in_name(file.string());
        if (digest && sha256_file(file).hex() != *digest) {
            findings_.report(file, "its content does not have the digest in its name");
        }
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
