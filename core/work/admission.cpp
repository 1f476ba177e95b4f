// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/admission.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/stage_policy.hpp"
#include "core/model/stage_rules.hpp"
#include "core/work/admission_rules.hpp"
#include "core/work/owners.hpp"
#include "core/work/package_inspection.hpp"
#include "core/work/release_documents.hpp"

namespace core {
namespace {

std::unique_ptr<Verifier> verifier_of(const ProviderKeys& keys,
                                      const VerifierMaker& make_verifier) {
    std::vector<std::string> texts;
    for (const auto& [name, file] : keys) texts.push_back(file.text);
    return make_verifier(texts);
}

/// What a bundle is, once its packages were read.
std::vector<BundledPackage> inspect(const Depot& depot, const Collaborators& collaborators,
                                    const Bundle& bundle, const Line& line,
                                    const ProviderKeys& keys, Report& report) {
    const auto verifier = verifier_of(keys, collaborators.make_verifier);
    auto packages = inspect_packages(
        collaborators.formats, collaborators.cells, bundle.packages,
        {line.signatures, verifier.get()},
        {line.limits, {depot.configuration.base_packages, line.usual_places}},
        [&](std::size_t done, std::size_t of) {
            collaborators.progress("inspecting packages", done, of);
        },
        report);
    append(report, assign_platforms(depot.configuration, bundle.descriptor, packages));
    append(report, compare_with_listing(bundle.descriptor, packages, report));
    drop_doubles(packages, report);
    return packages;
}

NamedPackages named(const std::vector<BundledPackage>& packages) {
    NamedPackages named;
    for (const auto& [package, name, format] : packages) named.emplace_back(&package, name);
    return named;
}

/// For messages in which names of the bundle say nothing any more.
NamedPackages named(const std::vector<Package>& packages) {
    NamedPackages named;
    for (const Package& package : packages) named.emplace_back(&package, "");
    return named;
}

void remark_on_emergency(const Descriptor& descriptor, const Admission& admission, Report& report) {
    if (!descriptor.emergency || admission.emergency) return;
    report.push_back(warning_at("release.xml", reason::emergency_asked,
                                "the descriptor asks for an emergency; it is none until somebody "
                                "grants it who may"));
}

/// A record is read for each move: of very many remarks it keeps the first of each kind.
void shorten_remarks(std::vector<Package>& packages) {
    constexpr std::size_t most = 10'000;
    std::size_t count = 0;
    for (const Package& package : packages) {
        for (const Remark& remark : package.remarks) count += remark.of.size();
    }
    if (count <= most) return;
    for (Package& package : packages) {
        for (Remark& remark : package.remarks) {
            remark.more += remark.of.size() - 1;
            remark.of.resize(1);
        }
    }
}

/// The record, without what is made from it: documents and warnings.
Release record_of(const Configuration& configuration, const Bundle& bundle, const Line& line,
                  const Admission& admission, const Asked& asked,
                  std::vector<BundledPackage> packages) {
    Release release;
    release.line = line.name;
    release.product = bundle.descriptor.product;
    release.version = bundle.descriptor.version;
    release.id = release_id(release.product, release.version, line.name,
                            line.name == configuration.lines.front().name, 1);
    release.emergency = admission.emergency;
    release.by = asked.by;
    std::set<std::string> submitters(admission.submitters.begin(), admission.submitters.end());
    submitters.insert(asked.by);
    release.submitters = {submitters.begin(), submitters.end()};
    release.cause = asked.cause;
    release.descriptor = bundle.descriptor;
    release.descriptor_digest = sha256(bundle.descriptor_text);
    release.packages.reserve(packages.size());
    for (BundledPackage& bundled : packages) {
        release.packages.push_back(std::move(bundled.package));
    }
    std::ranges::sort(release.packages, {}, [](const Package& package) {
        return std::tie(package.platform, package.path);
    });
    shorten_remarks(release.packages);
    return release;
}

/// A package for two platforms is one file.
std::vector<ReceivedFile> files_of(const Release& release, const Bundle& bundle) {
    std::unordered_map<Digest, const ReceivedFile*> received;
    for (const ReceivedFile& file : bundle.packages) received.emplace(file.digest, &file);
    std::unordered_set<Digest> taken;
    std::vector<ReceivedFile> files;
    for (const Package& package : release.packages) {
        if (taken.insert(package.digest).second) files.push_back(*received.at(package.digest));
    }
    return files;
}

void refuse_if_errors(const Report& report) {
    if (has_errors(report)) throw Refused(report);
}

/// True if a release says and brings the same as one that was admitted. Ids say less than names,
/// and the text of a descriptor less than what was made of it.
bool same_content(const Configuration& configuration, const Formats& formats, const Release& a,
                  const Release& b) {
    const auto packages = [](const Release& release) {
        std::set<std::pair<std::string, Digest>> set;
        for (const Package& package : release.packages)
            set.emplace(package.platform, package.digest);
        return set;
    };
    if (a.line != b.line || a.product != b.product || a.version != b.version ||
        a.emergency != b.emergency || a.descriptor_digest != b.descriptor_digest ||
        a.descriptor != b.descriptor || packages(a) != packages(b)) {
        return false;
    }
    const auto own = own_documents(configuration, formats, b);
    const auto handed_in = [&](const Release& release) {
        std::vector<Document> documents = release.documents;
        std::erase_if(documents, [&](const Document& document) {
            return own.contains({document.platform, document.name});
        });
        return documents;
    };
    return handed_in(a) == handed_in(b);
}

}  // namespace

Candidate examine(const Depot& depot, const Collaborators& collaborators, const Bundle& bundle,
                  const Admission& admission, const Asked& asked) {
    const Configuration& configuration = depot.configuration;
    const Formats& formats = collaborators.formats;
    const Line& line =
        admission.line.empty() ? configuration.lines.front() : configuration.line(admission.line);
    const ProviderKeys keys = provider_keys(depot, collaborators.read_keys);
    require_keys(configuration.providers, admission.introduction, keys);

    Report report = bundle.report;
    check_named(bundle.descriptor, report);
    auto packages = inspect(depot, collaborators, bundle, line, keys, report);
    check_names(depot, named(packages), report);
    check_places(depot, formats, packages, report);
    append(report, judge_remarks(named(packages), configuration.entry_stage()));
    remark_on_emergency(bundle.descriptor, admission, report);
    const Owners owners = configuration.providers.empty() ? Owners() : owners_of(depot);
    std::string provider =
        judge_provider(configuration.providers, owners, keys, admission.introduction,
                       bundle.descriptor.product, line.name, named(packages), report);
    refuse_if_errors(report);

    Candidate candidate;
    Release& release = candidate.release;
    release = record_of(configuration, bundle, line, admission, asked, std::move(packages));
    release.provider = std::move(provider);
    release.admitted = collaborators.clock.now();
    candidate.flusher = bundle.flusher;
    candidate.files = files_of(release, bundle);
    std::ranges::move(add_documents(depot, formats, bundle, release, report),
                      std::back_inserter(candidate.files));
    const Standing standing = depot.state().standing;
    // Read after it: what stands by then is in them.
    const Owners by_now = release.provider.empty() ? Owners() : owners_of(depot);
    check_ids(depot, formats, by_now, standing, candidate, report);
    refuse_if_errors(report);
    release.warnings = report;
    candidate.report = std::move(report);
    return candidate;
}

Report validate(const Formats& formats, const Cells& cells, const Bundle& bundle,
                const std::function<void(std::size_t, std::size_t)>& progress) {
    Report report = bundle.report;
    check_named(bundle.descriptor, report);
    auto packages = inspect_packages(formats, cells, bundle.packages, {}, {}, progress, report);
    append(report, compare_with_listing(bundle.descriptor, packages, report));
    drop_doubles(packages, report);
    append(report, judge_remarks(named(packages), Stage()));
    return report;
}

std::vector<Move> decide_admission(const Depot& depot, const Formats& formats, const State& state,
                                   RecordReader& records, Candidate& candidate) {
    Release& release = candidate.release;
    const Configuration& configuration = depot.configuration;
    Report taken;  // names that another admission took since the packages were examined
    const NamedPackages packages = named(release.packages);
    check_names(depot, packages, taken);
    Owners owners;
    if (!release.provider.empty()) {
        owners = owners_of(depot);
        append(taken, owned_by_others(owners, release.provider, packages));
    }
    check_ids(depot, formats, owners, state.standing, candidate, taken);
    refuse_if_errors(taken);
    const bool default_line = release.line == configuration.lines.front().name;
    for (int submission = 1;; ++submission) {
        release.id =
            release_id(release.product, release.version, release.line, default_line, submission);
        const auto stands = state.standing.find(release.id);
        if (stands == state.standing.end() && !depot.records.has(release.id)) break;
        if (stands != state.standing.end() && stands->second == configuration.entry_stage().name &&
            same_content(configuration, formats, records.load(release.id), release)) {
            return {};
        }
    }
    auto moves = plan_admit(state.standing, configuration, release.id, facts_of(release),
                            [&](const std::string& id) { return facts_of(records.load(id)); });
    check_replaced(owners, moves, release, records);
    return moves;
}

}  // namespace core
