// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/auditor.hpp"

#include <fmt/format.h>
#include <optional>
#include <set>

#include "core/audit/handed_out_audit.hpp"
#include "core/audit/pool_audit.hpp"
#include "core/audit/public_tree_audit.hpp"
#include "core/store/state_files.hpp"
#include "core/work/configuration_change.hpp"
#include "core/work/key_rule.hpp"
#include "core/work/owners.hpp"
#include "core/work/places.hpp"

namespace core {
namespace {

class Auditor {
  public:
    Auditor(const Depot& depot, const Collaborators& collaborators,
            const FreshFormats& fresh_formats)
        : configured_(depot),
          published_(depot),
          findings_(depot.layout.root),
          audit_{published_, collaborators, findings_, {}},
          fresh_formats_(fresh_formats) {}

    std::vector<Finding> run() {
        const Layout& layout = audit_.depot.layout;
        if (const auto line = audit_.depot.ledger.broken_link()) {
            findings_.report(layout.ledger(),
                             fmt::format("line {} does not follow from the line before", *line));
        }
        audit_pool(audit_);
        findings_.attempt(layout.generations(), [&] { audit_dates(); });
        if (audit_state()) {
            findings_.attempt(layout.configuration(), [&] { audit_configuration(); });
            HandedOutAudit handed_out(audit_);
            std::map<std::string, std::string> client_files;
            findings_.attempt(audit_.generation(),
                              [&] { client_files = handed_out.client_files(); });
            findings_.attempt(audit_.generation(), [&] {
                audit_repositories(audit_, fresh_formats_, handed_out.expected_key());
            });
            std::set<std::string> paths;
            for (const auto& [path, text] : client_files) paths.insert(path);
            audit_public_tree(audit_, std::move(paths));
            std::optional<ProviderKeys> keys;
            findings_.attempt(layout.provider_keys(), [&] {
                keys = read_provider_keys(layout.provider_keys(), audit_.collaborators.read_keys);
            });
            findings_.attempt(audit_.generation(), [&] { handed_out.run(client_files, keys); });
            audit_validity();
            if (keys) findings_.attempt(layout.provider_keys(), [&] { audit_signers(*keys); });
        }
        return findings_.in_order();
    }

  private:
    /// False if there is no state to go by.
    bool audit_state() {
        bool readable = false;
        findings_.attempt(audit_.depot.layout.current(), [&] {
            audit_.state = audit_.depot.state();
            readable = audit_.state.generation != 0;
            if (!readable)
                findings_.report(audit_.depot.layout.current(), "does not point to a generation");
        });
        if (!readable || is_anything_lost()) return false;
        findings_.attempt(audit_.depot.layout.ledger(), [&] {
            const auto operations = committed(audit_.depot.ledger.read());
            std::set<std::string> admitted;
            for (const auto& [operation, time] : operations) {
                for (const Move& move : operation.moves) admitted.insert(move.release);
            }
            for (const std::string& id : admitted) {
                if (audit_.depot.records.has(id)) continue;
                findings_.report(audit_.depot.layout.releases() / (id + ".json"),
                                 std::string(record_is_missing));
            }
            if (standing_after(operations, audit_.state.generation) != audit_.state.standing) {
                findings_.report(audit_.depot.layout.ledger(),
                                 "its operations lead to another standing than state.json");
            }
            if (arrivals_after(operations, audit_.state.generation) != audit_.state.arrivals) {
                findings_.report(audit_.depot.layout.ledger(),
                                 "its operations lead to other arrivals than state.json");
            }
        });
        return true;
    }

    /// Later ones need only the date of an earlier one, which tells gc how old it is.
    void audit_dates() {
        const Layout& layout = audit_.depot.layout;
        for (const std::uint64_t generation : generations_of(layout)) {
            if (generation == audit_.depot.current_generation()) continue;
            findings_.attempt(layout.generation(generation), [&] { date_of(layout, generation); });
        }
    }

    /// Then what belongs into the public tree is not known.
    bool is_anything_lost() {
        for (const auto& path : audit_.state.lost) findings_.report(path, std::string(is_lost));
        return !audit_.state.lost.empty();
    }

    /// Everything is compared with the configuration it was made with; that another one is there
    /// now is told once for each setting.
    void audit_configuration() {
        published_.configuration = configuration_of(audit_.state, configured_.configuration);
        const auto found =
            configuration_findings(configured_, audit_.collaborators.formats, audit_.state);
        for (const auto* texts : {&found.refused, &found.due}) {
            for (const std::string& text : *texts) {
                findings_.report(configured_.layout.configuration(), text);
            }
        }
    }

    void audit_validity() {
        const auto until = first_expiry(audit_.state);
        if (!until || *until > audit_.collaborators.clock.now()) return;
        findings_.report(
            audit_.depot.layout.current(),
            "what is published expired at " + format_time(*until) + ": run `sluice refresh`");
    }

    /// Releases whose key was removed or revoked since they were admitted, or that had none.
    void audit_signers(const ProviderKeys& keys) {
        for (const Problem& problem :
             missing_key_files(configured_.configuration.providers, keys)) {
            findings_.report(audit_.depot.layout.root / problem.where, problem.message);
        }
        const KeyRule rule{keys, audit_.collaborators.clock.now(), {}};
        for (const Problem& problem : judge_standing(audit_.depot, audit_.collaborators.formats,
                                                     audit_.state.standing, rule)) {
            if (problem.severity == Severity::warning) continue;  // `status` tells of these
            findings_.report(audit_.depot.layout.releases() / (problem.where + ".json"),
                             problem.message);
        }
    }

    const Depot& configured_;  // as sluice.toml says by now
    Depot published_;          // as what is published was made
    Findings findings_;
    Audit audit_;
    const FreshFormats& fresh_formats_;
};

}  // namespace

std::vector<Finding> audit(const Depot& depot, const Collaborators& collaborators,
                           const FreshFormats& fresh_formats) {
    return Auditor(depot, collaborators, fresh_formats).run();
}

}  // namespace core
