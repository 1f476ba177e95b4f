// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/auditor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <set>

#include "core/client_files.hpp"
#include "core/configuration_change.hpp"
#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"
#include "core/places.hpp"
#include "core/plan.hpp"
#include "core/publication.hpp"
#include "core/text.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// All files and links below a directory, relative to it.
std::set<std::string> names_below(const fs::path& directory) {
    std::set<std::string> names;
    for (const Entry& entry : files_below(directory)) {
        names.insert(entry.path.lexically_relative(directory).string());
    }
    return names;
}

bool is_own_file(const fs::path& path) {
    return is_file(path, Links::are_seen);
}

/// The SHA-256 that stands in a file's name, as in by-hash/SHA256/… and …-primary.xml.gz.
std::optional<std::string> digest_in_name(const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    const std::string head = name.substr(0, 64);
    const bool digest =
        head.size() == 64 && head.find_first_not_of("0123456789abcdef") == std::string::npos;
    return digest ? std::optional(head) : std::nullopt;
}

class Auditor {
  public:
    Auditor(Depot& depot, const Collaborators& collaborators, const FreshFormats& fresh_formats)
        : depot_(depot), collaborators_(collaborators), fresh_formats_(fresh_formats) {}

    std::vector<Finding> run() {
        if (const auto line = depot_.ledger.broken_link()) {
            report(depot_.layout.ledger(),
                   fmt::format("line {} does not follow from the line before", *line));
        }
        attempt(depot_.layout.releases(), [&] { audit_stray_records(); });
        attempt(depot_.layout.pool(), [&] { audit_records_and_pool(); });
        if (audit_state()) {
            attempt(generation(), [&] { audit_repositories(); });
            attempt(generation(), [&] { audit_generation(); });
            audit_stable_trees();
            attempt(depot_.layout.public_tree(), [&] { audit_public_tree(); });
            attempt(generation(), [&] { audit_handed_out_files(); });
            audit_validity();
            attempt(depot_.layout.provider_keys(), [&] { audit_signers(); });
        }
        std::ranges::sort(findings_, {}, &Finding::path);
        return std::move(findings_);
    }

  private:
    void report(const fs::path& path, std::string message) {
        const std::lock_guard lock(mutex_);
        findings_.push_back(
            {path.lexically_relative(depot_.layout.root).string(), std::move(message)});
    }

    /// Runs a step that may find a file unreadable or damaged.
    template <class Step>
    void attempt(const fs::path& path, Step&& step) {
        try {
            step();
        } catch (const std::exception& error) {
            report(path, error.what());
        }
    }

    void audit_stray_records() {
        std::set<std::string> expected;
        for (const std::string& id : depot_.records.ids()) expected.insert(id + ".json");
        for (const std::string& file : names_below(depot_.layout.releases())) {
            if (!expected.contains(file)) {
                report(depot_.layout.releases() / file, "does not belong there");
            }
        }
    }

    void audit_records_and_pool() {
        std::map<fs::path, Digest> expected;  // pool files
        std::map<fs::path, fs::path> names;   // published file name -> pool file
        for (const std::string& id : depot_.records.ids()) {
            attempt(depot_.layout.releases() / (id + ".json"), [&] {
                const Release release = depot_.records.load(id);
                if (release.id != id) throw Error("is the record of " + release.id);
                for (const Package& package : release.packages) {
                    const fs::path file = depot_.pool.file(package.digest, package.format);
                    expected[file] = package.digest;
                    names[depot_.pool.name_link(package.format,
                                                fs::path(package.path).filename().string())] = file;
                }
                for (const Document& document : release.documents) {
                    expected[depot_.pool.file(document.digest, "xml")] = document.digest;
                }
            });
        }
        audit_pool_files({expected.begin(), expected.end()});
        for (const auto& [link, file] : names) {
            attempt(link, [&, &link = link, &file = file] {
                if (same_file(link, file)) return;
                report(link, "is not the same file as " + file.filename().string());
            });
        }
        for (const std::string& path : names_below(depot_.pool.directory())) {
            const fs::path file = depot_.pool.directory() / path;
            if (!expected.contains(file) && !names.contains(file))
                report(file, "no record names it");
        }
    }

    void audit_pool_files(const std::vector<std::pair<fs::path, Digest>>& files) {
        parallel_for(files.size(), [&](std::size_t i) {
            const fs::path& file = files[i].first;
            const Digest& digest = files[i].second;
            attempt(file, [&] {
                if (!is_own_file(file)) return report(file, "is missing");
                const Digest found = sha256_file(file);
                if (found != digest) report(file, "its content has the digest " + found.hex());
            });
        });
    }

    /// False if there is no state to go by.
    bool audit_state() {
        bool readable = false;
        attempt(depot_.layout.current(), [&] {
            state_ = depot_.state();
            readable = state_.generation != 0;
            if (!readable) report(depot_.layout.current(), "does not point to a generation");
        });
        if (!readable) return false;
        attempt(depot_.layout.ledger(), [&] {
            const auto operations = committed(depot_.ledger.read());
            std::set<std::string> admitted;
            for (const auto& [operation, time] : operations) {
                for (const Move& move : operation.moves) admitted.insert(move.release);
            }
            for (const std::string& id : admitted) {
                if (depot_.records.has(id)) continue;
                report(depot_.layout.releases() / (id + ".json"), "is missing");
            }
            if (standing_after(operations, state_.generation) != state_.standing) {
                report(depot_.layout.ledger(),
                       "its operations lead to another standing than state.json");
            }
        });
        return true;
    }

    fs::path generation() const { return depot_.layout.generation(state_.generation); }

    void audit_repositories() {
        const std::string key = expected_key();
        const auto verifier = collaborators_.make_verifier({&key, 1});
        const Scratch scratch(depot_.layout.work());
        const Formats fresh = fresh_formats_(scratch.directory() / "cache");
        std::size_t done = 0;
        for (const auto& entry : state_.repositories) {
            const std::string& path = entry.first;
            const PublishedRepository& repository = entry.second;
            collaborators_.progress("verifying repositories", done++, state_.repositories.size());
            attempt(generation() / path, [&] {
                const Platform& platform =
                    depot_.configuration.platform(repository.repository.platform);
                const Backend& backend = *fresh.at(platform.format).backend;
                attempt(generation() / path,
                        [&] { backend.check(generation() / path, *verifier); });
                compare_with_fresh(repository, platform, backend, fresh,
                                   scratch.directory() / "generation" / path);
            });
        }
    }

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
        composition.date = published.date;
        composition.valid_until = published.valid_until;
        for (const Section& section : backend.sections(platform, nullptr)) {
            if (section.tree == published.repository.tree) composition.indexes[section.index];
        }
        for (auto& [index, rows] :
             rows_from_records(depot_, fresh, state_.standing, published.repository)) {
            composition.indexes[index] = std::move(rows);
        }
        // What only history knows (apt's patches) comes from what is published; it has to fit.
        composition.before.directory = generation() / published.repository.path();
        make_directories(scratch);
        const Composed composed = backend.compose(composition, scratch);
        std::set<std::string> accounted;
        for (const SigningTask& task : composed.signing) accounted.insert(task.output);

        const fs::path tree = generation() / published.repository.path();
        for (const std::string& file : names_below(scratch)) {
            accounted.insert(file);
            if (!is_own_file(tree / file)) {
                report(tree / file, "is missing");
            } else if (read_file(tree / file) != read_file(scratch / file)) {
                report(tree / file, "differs from what its packages give, which has the digest " +
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
            if (!accounted.contains(file)) report(tree / file, "does not belong there");
        }
        remove_tree(scratch);
    }

    void audit_superseded(const fs::path& file) {
        if (!is_own_file(file)) {
            report(file, "is missing (superseded metadata that clients may still ask for)");
            return;
        }
        const auto digest = digest_in_name(file.string());
        if (digest && sha256_file(file).hex() != *digest) {
            report(file, "its content does not have the digest in its name");
        }
    }

    /// Links and stray files of the generation outside of its repositories.
    void audit_generation() {
        for (const std::string& file : names_below(generation())) {
            const bool known = file == "state.json" || is_handed_out(file) ||
                               std::ranges::any_of(state_.repositories, [&](const auto& entry) {
                                   return file.starts_with(entry.first + "/");
                               });
            if (!known) report(generation() / file, "does not belong there");
        }
        for (const auto& [path, published] : state_.repositories) {
            attempt(depot_.layout.public_tree() / path,
                    [&, &repository = published.repository] { audit_links(repository); });
        }
    }

    /// A key or a client file.
    static bool is_handed_out(std::string_view file) {
        return fs::path(file).parent_path() == Layout::keys_name ||
               fs::path(file).parent_path() == Layout::client_files_name;
    }

    void audit_links(const Repository& repository) {
        const Backend& backend = backend_of(repository);
        const std::string path = repository.path();
        const std::string packages = backend.shape().packages;
        const std::string within =
            "generations/" + Layout::generation_name(state_.generation) + "/" + path;
        const std::string home = repository.home().path() + "/" + packages;
        expect_link(generation() / path / packages, relative_link(within, home));
        const fs::path stable = depot_.layout.stable(repository);
        if (repository != repository.home()) {
            expect_link(stable / packages, relative_link(path, home));
        }
        std::vector<std::string> names{backend.shape().metadata};
        const std::string& url = depot_.configuration.public_url;
        if (!url.empty()) {
            names.emplace_back(mirror_list);
            expect_text(generation() / path / mirror_list,
                        mirror_list_text(url, repository, state_.generation));
        }
        for (const std::string& name : names) {
            expect_link(stable / name, relative_link(path, "current/" + path + "/" + name));
        }
        for (const Entry& entry : entries(stable)) {
            const std::string name = entry.name();
            const bool known = name == packages || name == mirror_list ||
                               name == backend.shape().metadata || entry.kind == Kind::directory;
            if (!known) report(entry.path, "does not belong there");
        }
    }

    /// A file that is made of nothing but the configuration and the state.
    void expect_text(const fs::path& file, const std::string& text) {
        if (!is_own_file(file)) {
            report(file, "is missing");
        } else if (read_file(file) != text) {
            report(file, "is not what the configuration gives; `sluice refresh` writes it anew");
        }
    }

    void expect_link(const fs::path& link, const std::string& target) {
        attempt(link, [&] {
            if (pointed(link) != target) report(link, "is not a link to " + target);
        });
    }

    const Backend& backend_of(const Repository& repository) const {
        const Platform& platform = depot_.configuration.platform(repository.platform);
        return *collaborators_.formats.at(platform.format).backend;
    }

    void audit_stable_trees() {
        for (const auto& [path, published] : state_.repositories) {
            attempt(depot_.layout.public_tree() / path,
                    [&, &repository = published.repository] { audit_packages(repository); });
        }
    }

    /// Nothing in public/ is without an owner, and no link leads out of it: web servers follow
    /// them.
    void audit_public_tree() {
        const Layout& layout = depot_.layout;
        for (const Entry& entry : files_below(layout.public_tree())) {
            if (entry.kind == Kind::link) audit_target(entry.path);
        }
        for (const Entry& entry : entries(layout.generations())) {
            const auto number = Layout::generation_number(entry.name());
            const bool known = number && *number <= state_.generation;
            if (!known && !is_temporary(entry.name())) report(entry.path, "does not belong there");
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
            report(entry.path, "does not belong there");
        } else if (!places.are_in(entry.path)) {
            // An operation that failed may leave empty ones, for gc.
            if (!files_below(entry.path).empty()) report(entry.path, "does not belong there");
        } else {
            for (const Entry& below : entries(entry.path)) {
                // What is in a repository is looked at elsewhere.
                if (!places.contains(entry.path) || places.are_in(below.path)) {
                    audit_place(below, places);
                }
            }
        }
    }

    void audit_target(const fs::path& link) {
        const fs::path target = pointed(link);
        const std::string leads = (link.parent_path() / target).lexically_normal().string();
        if (target.is_absolute() ||
            !leads.starts_with(depot_.layout.public_tree().string() + "/")) {
            report(link, "leads out of public/");
        }
    }

    /// Every named package is the pool's file; every other is some file of the pool that waits to
    /// be collected.
    void audit_packages(const Repository& repository) {
        const Platform& platform = depot_.configuration.platform(repository.platform);
        const Format& format = collaborators_.formats.at(platform.format);
        const fs::path stable = depot_.layout.stable(repository);
        const std::string packages = format.backend->shape().packages;
        std::set<std::string> named;
        for (const auto& [index, rows] :
             rows_from_records(depot_, collaborators_.formats, state_.standing, repository)) {
            for (const Row& row : rows) {
                if (row.architecture.empty() || !named.emplace(row.path).second) continue;
                if (!same_file(stable / row.path,
                               depot_.pool.file(row.digest, format.package_format))) {
                    report(stable / row.path, "is not the pool's file " + row.digest.hex());
                }
            }
        }
        if (repository != repository.home()) return;
        for (const std::string& file : names_below(stable / packages)) {
            const fs::path path = stable / packages / file;
            if (named.contains(packages + "/" + file)) continue;
            const fs::path owner =
                depot_.pool.name_link(format.package_format, path.filename().string());
            if (!same_file(path, owner)) report(path, "does not belong there");
        }
    }

    using Digests = std::map<std::string, Digest>;  // of keys and client files

    /// Each is as it was written; and one finding tells if others would be written now.
    void audit_handed_out_files() {
        expect_link(depot_.layout.keys(), "current/" + std::string(Layout::keys_name));
        expect_link(depot_.layout.client_files(),
                    "current/" + std::string(Layout::client_files_name));
        std::optional<Digests> wanted;
        attempt(depot_.layout.provider_keys(), [&] { wanted = digests_of_today(); });
        Digests made = state_.handed_out;
        if (made.empty() && wanted) made = *wanted;  // of a generation that did not write them down
        for (const auto& [path, digest] : made) expect_digest(generation() / path, digest);
        for (const std::string& file : names_below(generation())) {
            if (is_handed_out(file) && !made.contains(file)) {
                report(generation() / file, "does not belong there");
            }
        }
        if (wanted) report_outdated(made, *wanted);
    }

    Digests digests_of_today() const {
        const ClientFiles files(depot_, collaborators_.formats, collaborators_.signer, [&] {
            return read_provider_keys(depot_.layout.provider_keys(), collaborators_.read_keys);
        });
        Digests digests;
        for (const auto& [path, text] : files.all(state_)) digests[path] = sha256(text);
        return digests;
    }

    void expect_digest(const fs::path& file, const Digest& digest) {
        attempt(file, [&] {
            if (!is_own_file(file)) {
                report(file, "is missing");
            } else if (sha256_file(file) != digest) {
                report(file, "is not what was written; `sluice refresh` writes it anew");
            }
        });
    }

    void report_outdated(const Digests& made, const Digests& wanted) {
        const std::string keys = difference(made, wanted);
        if (!keys.empty()) {
            report(depot_.layout.provider_keys(),
                   "sites do not have these keys yet (" + keys + "): run `sluice refresh`");
        } else if (made != wanted && !signed_by_another_) {
            report(depot_.layout.configuration(),
                   "keys and client files are of an older configuration: run `sluice refresh`");
        }
    }

    /// "ada.asc is new, bob.asc is gone".
    static std::string difference(const Digests& made, const Digests& wanted) {
        const std::string prefix =
            fmt::format("{}/{}", Layout::keys_name, ClientFiles::provider_prefix);
        std::vector<std::string> differences;
        const auto tell = [&](const std::string& path, std::string_view what) {
            if (!path.starts_with(prefix)) return;
            differences.push_back(fmt::format("{} {}", path.substr(prefix.size()), what));
        };
        for (const auto& [path, digest] : wanted) {
            const auto before = made.find(path);
            if (before == made.end()) {
                tell(path, "is new");
            } else if (before->second != digest) {
                tell(path, "has changed");
            }
        }
        for (const auto& [path, digest] : made) {
            if (!wanted.contains(path)) tell(path, "is gone");
        }
        return join(differences, ", ");
    }

    /// The key by which everything that is published has to be signed. If the configuration names
    /// another one, that is one finding and not one for each repository.
    std::string expected_key() {
        std::string key = collaborators_.signer.public_key();
        const std::string path =
            fmt::format("{}/{}", Layout::keys_name, ClientFiles::depot_key_file);
        const auto written = state_.handed_out.find(path);
        if (written == state_.handed_out.end() || !is_own_file(generation() / path)) return key;
        std::string published = read_file(generation() / path);
        if (sha256(published) != written->second) return key;  // told elsewhere
        const std::string fingerprint =
            collaborators_.read_keys(published).keys.front().fingerprint;
        if (fingerprint == collaborators_.signer.fingerprint()) return key;
        signed_by_another_ = true;
        report(depot_.layout.configuration(),
               fmt::format("signing.key is {}, but what is published is signed by {}: run `sluice "
                           "refresh`",
                           collaborators_.signer.fingerprint(), fingerprint));
        return published;
    }

    void audit_validity() {
        const auto until = first_expiry(state_);
        if (!until || *until > collaborators_.clock.now()) return;
        report(depot_.layout.current(),
               "what is published expired at " + format_time(*until) + ": run `sluice refresh`");
    }

    /// Releases whose key was removed or revoked since they were admitted.
    void audit_signers() {
        const auto keys =
            read_provider_keys(depot_.layout.provider_keys(), collaborators_.read_keys);
        const KeyRule rule{keys, collaborators_.clock.now(), {}};
        for (const Problem& problem : judge_standing(depot_, state_.standing, rule)) {
            if (problem.severity == Severity::warning) continue;  // `status` tells of these
            report(depot_.layout.releases() / (problem.where + ".json"), problem.message);
        }
    }

    Depot& depot_;
    const Collaborators& collaborators_;
    const FreshFormats& fresh_formats_;
    State state_;
    bool signed_by_another_ = false;
    std::mutex mutex_;
    std::vector<Finding> findings_;
};

}  // namespace

/// Everything is compared with the configuration it was made with; that another one is there now is
/// told once for each setting.
std::vector<Finding> audit(Depot& depot, const Collaborators& collaborators,
                           const FreshFormats& fresh_formats) {
    Depot published = depot;
    std::vector<std::string> changes;
    try {
        const State state = depot.state();
        published.configuration = configuration_of(state, depot.configuration);
        changes = configuration_findings(depot, collaborators.formats, state);
    } catch (const std::exception&) {
        // A state or record that cannot be read is found by the auditor.
    }
    auto findings = Auditor(published, collaborators, fresh_formats).run();
    const std::string file = depot.layout.configuration().filename().string();
    for (std::string& change : changes) findings.push_back({file, std::move(change)});
    return findings;
}

}  // namespace core
