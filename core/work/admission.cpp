// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/admission.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/targets.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"
#include "core/system/workers.hpp"
#include "core/work/id_owners.hpp"
#include "core/work/owners.hpp"
#include "core/work/package_signatures.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

/// The repository format that takes packages of a package format, or null.
const std::pair<const std::string, Format>* format_for(const Formats& formats,
                                                       std::string_view package_format) {
    for (const auto& entry : formats) {
        if (entry.second.package_format == package_format) return &entry;
    }
    return nullptr;
}

/// How a line judges package signatures; null verifier: it is not asked.
struct SignatureRule {
    SignaturePolicy policy = SignaturePolicy::allow_unsigned;
    const Verifier* verifier = nullptr;
};

/// Runs in a worker: the answer is JSON, either a package or a problem.
std::string inspect_one(const Formats& formats, const ReceivedFile& file,
                        const SignatureRule& rule) {
    try {
        const Format& format = format_for(formats, file.format)->second;
        Inspection inspection = format.inspector->inspect(file.file, file.digest);
        inspection.package.digest = file.digest;
        inspection.package.size = file.size;
        inspection.package.format = file.format;
        if (format.packages_signed && rule.verifier != nullptr) {
            const PackageSigner signer =
                judge_signatures(inspection.signatures, *rule.verifier, rule.policy);
            inspection.package.signed_by = signer.key;
            inspection.package.signed_with = signer.part;
        }
        return dump({{"package", inspection.package}});
    } catch (const Refused& refused) {
        return dump(
            {{"problem", error_at(file.name, refused.code(), refused.what(), refused.remedy())}});
    } catch (const std::bad_alloc&) {
        return dump({{"problem", error_at(file.name, reason::package_limit,
                                          "reading the package takes more memory than a package "
                                          "may")}});
    } catch (const std::exception& error) {
        return dump({{"error", file.name + ": " + error.what()}});
    }
}

using Inspected = std::variant<BundledPackage, Problem>;

Inspected read_answer(const Formats& formats, const ReceivedFile& file,
                      const WorkerResult& answer) {
    if (!answer.finished) {
        return error_at(file.name, reason::package_corrupt,
                        "the package could not be read within the limits of time and memory, or it "
                        "crashed its reader");
    }
    const Json json = parse_json(answer.value, "a worker's answer");
    if (json.contains("error")) throw Error(json.at("error").get<std::string>());
    if (json.contains("problem")) return json.at("problem").get<Problem>();
    return BundledPackage{json.at("package").get<Package>(), file.name,
                          format_for(formats, file.format)->first};
}

/// Reads the headers of all packages; what cannot be read is in the report.
std::vector<BundledPackage> inspect_all(
    const Formats& formats, const std::vector<ReceivedFile>& files, const SignatureRule& rule,
    const std::function<void(std::size_t, std::size_t)>& progress, Report& report) {
    // The largest first: one that came last would keep one worker busy and the others idle.
    std::vector<std::size_t> order(files.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return files[i].size; });
    for (const auto& [name, format] : formats) {
        if (std::ranges::find(files, format.package_format, &ReceivedFile::format) != files.end()) {
            format.inspector->prepare();
        }
    }
    const auto answers = run_in_workers(
        files.size(), [&](std::size_t i) { return inspect_one(formats, files[order[i]], rule); },
        WorkerLimits{}, [&](std::size_t done) { progress(done, files.size()); });
    std::vector<Inspected> inspected(files.size());
    parallel_for(files.size(), [&](std::size_t i) {
        inspected[order[i]] = read_answer(formats, files[order[i]], answers[i]);
    });
    std::vector<BundledPackage> packages;
    for (Inspected& one : inspected) {
        if (auto* problem = std::get_if<Problem>(&one)) {
            report.push_back(std::move(*problem));
        } else {
            packages.push_back(std::get<BundledPackage>(std::move(one)));
        }
    }
    return packages;
}

std::string_view published_name(const Package& package) {
    return std::string_view(package.path).substr(package.path.rfind('/') + 1);
}

/// The same file name with other bytes, within the bundle; the same bytes twice are one package.
void check_doubles(std::vector<BundledPackage>& packages, Report& report) {
    std::unordered_map<std::string_view, const BundledPackage*> by_name;
    std::set<std::pair<std::string_view, std::string_view>> seen;  // platform and path
    std::vector<BundledPackage*> unique;
    for (BundledPackage& bundled : packages) {
        const auto [first, is_new] = by_name.emplace(published_name(bundled.package), &bundled);
        if (!is_new && first->second->package.digest != bundled.package.digest) {
            report.push_back(error_at(bundled.name, reason::same_name_different_content,
                                      fmt::format("{} is in the bundle with other bytes as {}",
                                                  bundled.package.label(), first->second->name),
                                      "give each build a release number of its own"));
        }
        if (seen.emplace(bundled.package.platform, bundled.package.path).second) {
            unique.push_back(&bundled);
        } else {
            report.push_back(warning_at(bundled.name, reason::duplicate_package,
                                        bundled.package.label() + " is in the bundle twice"));
        }
    }
    if (unique.size() == packages.size()) return;
    std::vector<BundledPackage> kept;
    for (BundledPackage* bundled : unique) kept.push_back(std::move(*bundled));
    packages = std::move(kept);
}

/// Packages whose file name has another content in a release that was admitted before; `where` is
/// what the provider called them.
void check_names(const Depot& depot, const NamedPackages& packages, Report& report) {
    std::vector<char> is_taken(packages.size());  // not of bool: threads write side by side
    parallel_for(packages.size(), [&](std::size_t i) {
        const Package& package = *packages[i].first;
        is_taken[i] =
            depot.pool.name_taken(package.format, published_name(package), package.digest);
    });
    using Name = std::pair<std::string_view, std::string_view>;  // format and published name
    std::map<Name, std::pair<const Package*, std::string_view>> taken;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        const Package* package = packages[i].first;
        if (is_taken[i] == 0) continue;
        taken.emplace(Name(package->format, published_name(*package)), packages[i]);
    }
    if (taken.empty()) return;
    for (const std::string& id : depot.records.ids()) {
        for (const Package& other : depot.records.load(id).packages) {
            const auto found = taken.find({other.format, published_name(other)});
            if (found == taken.end() || found->second.first->digest == other.digest) continue;
            report.push_back(error_at(std::string(found->second.second),
                                      reason::same_name_different_content,
                                      fmt::format("{} was admitted before with other bytes, in {}",
                                                  found->second.first->label(), id),
                                      "build it again under a new version or release number"));
            taken.erase(found);
        }
    }
}

void check_places(const Depot& depot, const Formats& formats,
                  const std::vector<BundledPackage>& packages, Report& report) {
    for (const auto& [package, name, format] : packages) {
        if (package.platform.empty()) continue;  // reported already
        try {
            formats.at(format).backend->sections(depot.configuration.platform(package.platform),
                                                 &package);
        } catch (const Refused& refused) {
            report.push_back(error_at(name, refused.code(), refused.what(), refused.remedy()));
        }
    }
}

/// The comps and updateinfo files of the bundle that are meant for a platform: those in its
/// directory, or in the directory of no platform.
std::vector<std::string> documents_for(const Configuration& configuration, const Bundle& bundle,
                                       const Platform& platform) {
    constexpr std::uint64_t largest_document = 64 << 20;
    std::vector<std::string> found;
    for (const ReceivedFile& file : bundle.documents) {
        bool here = false, elsewhere = false;
        for (const std::string& part : split(file.name, "/")) {
            for (const Platform& other : configuration.platforms) {
                if (!other.answers_to(part)) continue;
                (other.name == platform.name ? here : elsewhere) = true;
            }
        }
        if (here || !elsewhere) found.push_back(read_file(file.file, largest_document));
    }
    return found;
}

Problem left_out(const std::string& platform, const std::set<std::string>& packages) {
    constexpr std::size_t most_named = 50, longest = 100;
    std::vector<std::string> names;
    for (const std::string& name : packages) {
        if (names.size() == most_named) break;
        names.push_back(name.substr(0, longest));
    }
    std::string text = join(names, ", ");
    if (packages.size() > names.size()) {
        text += fmt::format(" and {} more", packages.size() - names.size());
    }
    return warning_at({}, reason::foreign_reference,
                      fmt::format("advisories and groups for {} speak of packages that the release "
                                  "does not bring, which is left out: {}",
                                  platform, text));
}

void add_documents(const Depot& depot, const Formats& formats, const Bundle& bundle,
                   const fs::path& scratch, Candidate& candidate) {
    Release& release = candidate.release;
    std::set<std::string> platforms, ids;
    for (const Package& package : release.packages) platforms.insert(package.platform);
    std::size_t number = 0;
    for (const std::string& name : platforms) {
        const Platform& platform = depot.configuration.platform(name);
        const Backend& backend = *formats.at(platform.format).backend;
        const bool keep = depot.configuration.line(release.line).keep_foreign_references;
        auto made = backend.documents(release, platform,
                                      {documents_for(depot.configuration, bundle, platform), keep});
        if (!made.foreign.empty()) {
            candidate.report.push_back(left_out(platform.name, made.foreign));
        }
        for (auto& [document, bytes] : made.documents) {
            document.digest = sha256(bytes);
            document.size = bytes.size();
            document.platform = platform.name;
            const fs::path file = scratch / ("document-" + std::to_string(number++));
            ids.merge(backend.ids(bytes));
            candidate.flusher->write_file(file, bytes);
            candidate.files.push_back({file, document.digest, "xml", {}});
            release.documents.push_back(document);
        }
    }
    release.ids = {ids.begin(), ids.end()};
}

/// Compares the ids of its documents with those in releases that it was not compared with yet.
void compare_ids(const Depot& depot, const Formats& formats, Standing standing,
                 Candidate& candidate, Report& report) {
    if (candidate.release.provider.empty()) return;
    std::erase_if(standing,
                  [&](const auto& one) { return candidate.compared.contains(one.first); });
    std::ranges::move(ids_of_others(depot, formats, owners_of(depot), standing, candidate.release),
                      std::back_inserter(report));
    candidate.compared.merge(standing);
}

std::unique_ptr<Verifier> verifier_of(const ProviderKeys& keys,
                                      const VerifierMaker& make_verifier) {
    std::vector<std::string> texts;
    for (const auto& [name, file] : keys) texts.push_back(file.text);
    return make_verifier(texts);
}

/// What a missing key file would have said must not make a package somebody else's, nor be told to
/// the requester as an unknown key: the files of all who can be the provider have to be there.
void require_keys(const Providers& providers, const Introduction& introduction,
                  const ProviderKeys& keys) {
    std::set<std::string> possible = introduction.of_people;
    if (!introduction.named.empty()) possible = {introduction.named};
    Providers asked = providers;
    if (!possible.empty()) {
        std::erase_if(asked, [&](const Provider& one) { return !possible.contains(one.name); });
    }
    require_key_files(asked, keys);
}

/// Who hands the release in, and whether all in it is that provider's. Empty: there are no
/// providers, or it is refused.
std::string judge_provider(const Depot& depot, const ProviderKeys& keys, const Release& release,
                           const Introduction& introduction, const NamedPackages& packages,
                           Report& report) {
    const Providers& providers = depot.configuration.providers;
    if (packages.empty() || (providers.empty() && introduction.named.empty())) return {};
    std::string name =
        provider_of(providers, key_owners(providers, keys), introduction, packages, report);
    if (name.empty()) return {};
    std::ranges::move(
        beyond_scope(provider_named(providers, name), release.product, release.line, packages),
        std::back_inserter(report));
    std::ranges::move(owned_by_others(owners_of(depot), name, packages),
                      std::back_inserter(report));
    return name;
}

/// An admission takes the place of a release of the same name, but not of another provider's.
void check_replaced(const Depot& depot, const Operation& operation, const Release& release) {
    if (release.provider.empty()) return;
    for (const Move& move : operation.moves) {
        if (move.from.empty()) continue;
        const Release other = depot.records.load(move.release);
        const std::string owner = provider_by_now(owners_of(depot), other);
        if (owner == release.provider) continue;
        throw Refused(
            reason::release_owner,
            fmt::format("{} {} stands in {} already and {}", escaped(release.product),
                        escaped(release.version), move.from,
                        owner.empty() ? "was handed in before there were providers"
                                      : "is of the provider " + owner),
            owner.empty()
                ? "have the operator give its package names to the provider (sluice provider "
                  "transfer), or reject it"
                : "hand it in under another version, or have that release rejected first");
    }
}

/// For a descriptor that was read, its reader has said so, with line and column.
void check_named(const Descriptor& descriptor, Report& report) {
    if (has_errors(report)) return;
    for (const auto& [value, what, element] : {std::tuple(descriptor.product, "name", "Name"),
                                               {descriptor.version, "version", "Version"}}) {
        if (!value.empty()) continue;
        report.push_back(error_at("release.xml", reason::missing_element,
                                  fmt::format("nothing says the {} of the release", what),
                                  fmt::format("hand in a release.xml with a <{}>", element)));
    }
}

void refuse_if_errors(const Report& report) {
    if (has_errors(report)) throw Refused(report);
}

/// What the backends themselves say of a release: it follows from the rest, and has the time of
/// the admission in it.
std::set<std::pair<std::string, std::string>> own_documents(const Depot& depot,
                                                            const Formats& formats,
                                                            const Release& release) {
    std::set<std::pair<std::string, std::string>> names;  // platform and name
    std::set<std::string> platforms;
    for (const Package& package : release.packages) platforms.insert(package.platform);
    for (const std::string& name : platforms) {
        const Platform& platform = depot.configuration.platform(name);
        const Backend& backend = *formats.at(platform.format).backend;
        const auto made = backend.documents(release, platform, {});
        for (const auto& [document, bytes] : made.documents) {
            names.emplace(name, document.name);
        }
    }
    return names;
}

/// True if a release says and brings the same as one that was admitted. Ids say less than names,
/// and the text of a descriptor less than what was made of it.
bool same_content(const Depot& depot, const Formats& formats, const Release& a, const Release& b) {
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
    const auto own = own_documents(depot, formats, b);
    const auto handed_in = [&](const Release& release) {
        std::vector<Document> documents = release.documents;
        std::erase_if(documents, [&](const Document& document) {
            return own.contains({document.platform, document.name});
        });
        return documents;
    };
    return handed_in(a) == handed_in(b);
}

ReleaseFacts facts_of(const Release& release) {
    return {release.product, release.version, release.line, release.emergency};
}

}  // namespace

Candidate examine(const Depot& depot, const Collaborators& collaborators, const Bundle& bundle,
                  const AdmissionRequest& request, const fs::path& scratch) {
    const Configuration& configuration = depot.configuration;
    const Line& line =
        request.line.empty() ? configuration.lines.front() : configuration.line(request.line);
    const ProviderKeys keys = provider_keys(depot, collaborators.read_keys);
    require_keys(configuration.providers, request.introduction, keys);
    const auto verifier = verifier_of(keys, collaborators.make_verifier);
    Candidate candidate;
    candidate.report = bundle.report;
    candidate.flusher = bundle.flusher;
    Report& report = candidate.report;
    check_named(bundle.descriptor, report);
    auto packages = inspect_all(
        collaborators.formats, bundle.packages, {line.signatures, verifier.get()},
        [&](std::size_t done, std::size_t of) {
            collaborators.progress("inspecting packages", done, of);
        },
        report);
    std::ranges::move(assign_platforms(configuration, bundle.descriptor, packages),
                      std::back_inserter(report));
    std::ranges::move(compare_with_listing(bundle.descriptor, packages, report),
                      std::back_inserter(report));
    check_doubles(packages, report);
    NamedPackages named;
    for (const auto& [package, name, format] : packages) named.emplace_back(&package, name);
    check_names(depot, named, report);
    check_places(depot, collaborators.formats, packages, report);
    if (bundle.descriptor.emergency && !request.emergency) {
        report.push_back(warning_at("release.xml", reason::emergency_asked,
                                    "the descriptor asks for an emergency; it is none until "
                                    "somebody grants it who may"));
    }
    Release& release = candidate.release;
    release.line = line.name;
    release.product = bundle.descriptor.product;
    release.version = bundle.descriptor.version;
    release.provider = judge_provider(depot, keys, release, request.introduction, named, report);
    refuse_if_errors(report);

    release.id = release_id(release.product, release.version, line.name,
                            line.name == configuration.lines.front().name, 1);
    release.emergency = request.emergency;
    release.admitted = collaborators.clock.now();
    release.by = request.by;
    std::set<std::string> submitters(request.submitters.begin(), request.submitters.end());
    submitters.insert(request.by);
    release.submitters = {submitters.begin(), submitters.end()};
    release.cause = request.cause;
    release.descriptor = bundle.descriptor;
    release.descriptor_digest = sha256(bundle.descriptor_text);
    release.packages.reserve(packages.size());
    for (BundledPackage& bundled : packages) {
        release.packages.push_back(std::move(bundled.package));
    }
    std::ranges::sort(release.packages, {}, [](const Package& package) {
        return std::tie(package.platform, package.path);
    });
    add_documents(depot, collaborators.formats, bundle, scratch, candidate);
    compare_ids(depot, collaborators.formats, depot.state().standing, candidate, report);
    refuse_if_errors(report);
    release.warnings = report;

    std::unordered_map<Digest, const ReceivedFile*> received;
    for (const ReceivedFile& file : bundle.packages) received.emplace(file.digest, &file);
    std::unordered_set<Digest> taken;  // a package for two platforms is one file
    for (const Package& package : release.packages) {
        if (!taken.insert(package.digest).second) continue;
        candidate.files.push_back({received.at(package.digest)->file, package.digest,
                                   package.format, std::string(published_name(package))});
    }
    return candidate;
}

Report validate(const Formats& formats, const Bundle& bundle,
                const std::function<void(std::size_t, std::size_t)>& progress) {
    Report report = bundle.report;
    check_named(bundle.descriptor, report);
    auto packages = inspect_all(formats, bundle.packages, {}, progress, report);
    std::ranges::move(compare_with_listing(bundle.descriptor, packages, report),
                      std::back_inserter(report));
    check_doubles(packages, report);
    return report;
}

std::optional<Plan> plan_admission(const Depot& depot, const Collaborators& collaborators,
                                   const State& state, Candidate& candidate,
                                   const AdmissionRequest& request) {
    Release& release = candidate.release;
    const Configuration& configuration = depot.configuration;
    Report taken;  // names that another admission took since the packages were examined
    NamedPackages named;
    for (const Package& package : release.packages) named.emplace_back(&package, "");
    check_names(depot, named, taken);
    if (!release.provider.empty()) {
        std::ranges::move(owned_by_others(owners_of(depot), release.provider, named),
                          std::back_inserter(taken));
    }
    compare_ids(depot, collaborators.formats, state.standing, candidate, taken);
    refuse_if_errors(taken);
    const bool default_line = release.line == configuration.lines.front().name;
    for (int submission = 1;; ++submission) {
        release.id =
            release_id(release.product, release.version, release.line, default_line, submission);
        const auto stands = state.standing.find(release.id);
        if (stands == state.standing.end() && !depot.records.has(release.id)) break;
        if (stands != state.standing.end() && stands->second == configuration.entry_stage().name &&
            same_content(depot, collaborators.formats, depot.records.load(release.id), release)) {
            return std::nullopt;
        }
    }
    Operation operation;
    operation.number = next_number(depot);
    operation.verb = Verb::admit;
    operation.by = request.by;
    operation.reason = request.reason;
    operation.cause = request.cause;
    operation.moves =
        plan_admit(state.standing, configuration, release.id, facts_of(release),
                   [&](const std::string& id) { return facts_of(depot.records.load(id)); });
    check_replaced(depot, operation, release);
    release.operation = operation.number;
    return make_plan(depot, collaborators.formats, state, std::move(operation), &release, {});
}

}  // namespace core
