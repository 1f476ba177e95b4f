// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/package_inspection.hpp"

#include <algorithm>
#include <numeric>
#include <variant>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/system/parallel.hpp"
#include "core/system/workers.hpp"
#include "core/work/package_signatures.hpp"

namespace core {
namespace {

/// The repository format that takes packages of a package format, or null.
const std::pair<const std::string, Format>* format_for(const Formats& formats,
                                                       std::string_view package_format) {
    for (const auto& entry : formats) {
        if (entry.second.package_format == package_format) return &entry;
    }
    return nullptr;
}

/// Runs in a worker: the answer is JSON, either a package and what is warned of, or a problem.
std::string inspect_one(const Formats& formats, const ReceivedFile& file,
                        const SignatureRule& signatures, const InspectionRule& rule) {
    try {
        const Format& format = format_for(formats, file.format)->second;
        Inspection inspection = format.inspector->inspect(file.file, file.digest, rule);
        inspection.package.digest = file.digest;
        inspection.package.size = file.size;
        inspection.package.format = file.format;
        if (format.packages_signed && signatures.verifier != nullptr) {
            const PackageSigner signer =
                judge_signatures(inspection.signatures, *signatures.verifier, signatures.policy);
            inspection.package.signed_by = signer.key;
            inspection.package.signed_with = signer.part;
        }
        for (Problem& warning : inspection.warnings) warning.where = file.name;
        return dump({{"package", inspection.package}, {"warnings", inspection.warnings}});
    } catch (const Refused& refused) {
        return dump(
            {{"problem", error_at(file.name, refused.code(), refused.what(), refused.remedy())}});
    } catch (const std::bad_alloc&) {
        return dump({{"problem", error_at(file.name, reason::package_limit,
                                          "reading the package takes more memory than a "
                                          "package may")}});
    } catch (const std::exception& error) {
        return dump({{"error", file.name + ": " + error.what()}});
    }
}

struct Sound {
    BundledPackage bundled;
    Report warnings;
};
using Inspected = std::variant<Sound, Problem>;

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
    return Sound{
        {json.at("package").get<Package>(), file.name, format_for(formats, file.format)->first},
        json.at("warnings").get<Report>()};
}

}  // namespace

std::vector<BundledPackage> inspect_packages(
    const Formats& formats, const std::vector<ReceivedFile>& files, const SignatureRule& signatures,
    const InspectionRule& rule, const std::function<void(std::size_t, std::size_t)>& progress,
    Report& report) {
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
        files.size(),
        [&](std::size_t i) { return inspect_one(formats, files[order[i]], signatures, rule); },
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
            auto& [bundled, warnings] = std::get<Sound>(one);
            append(report, std::move(warnings));
            packages.push_back(std::move(bundled));
        }
    }
    return packages;
}

}  // namespace core
