// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/package_inspection.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>
#include <variant>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/system/parallel.hpp"
#include "core/work/package_reading.hpp"
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

/// Judged here, not in the cell that read the package: it may say what it likes of signatures, but
/// what they cover is taken from the file.
void judge(const Format& format, const ReceivedFile& file, const SignatureRule& rule,
           Inspection& inspection) {
    if (!format.packages_signed || rule.verifier == nullptr) return;
    const std::string covered = inspection.signatures.empty()
                                    ? std::string()
                                    : format.inspector->signed_bytes(File::open_to_read(file.file));
    const PackageSigner signer =
        judge_signatures(inspection.signatures, covered, *rule.verifier, rule.policy);
    inspection.package.signed_by = signer.key;
    inspection.package.signed_with = signer.part;
}

struct Sound {
    BundledPackage bundled;
    Report warnings;
};
using Inspected = std::variant<Sound, Problem>;

Inspected inspect_one(const Formats& formats, CellPool& pool, const ReceivedFile& file,
                      const SignatureRule& signatures, const InspectionRule& rule) {
    return with_context(file.name, [&]() -> Inspected {
        try {
            const auto& [name, format] = *format_for(formats, file.format);
            const auto answer =
                pool.ask(reading_question(file.format, file.file, file.digest, rule));
            Inspection inspection = inspection_in(answer, file.digest, file.size);
            inspection.package.format = file.format;
            judge(format, file, signatures, inspection);
            format.inspector->accept(inspection);
            for (Problem& warning : inspection.warnings) warning.where = file.name;
            return Sound{{std::move(inspection.package), file.name, name},
                         std::move(inspection.warnings)};
        } catch (const Refused& refused) {
            return error_at(file.name, refused.code(), refused.what(), refused.remedy());
        }
    });
}

/// Tells, one after the other, how many are done.
class Counter {
  public:
    Counter(const std::function<void(std::size_t, std::size_t)>& progress, std::size_t of)
        : progress_(progress), of_(of) {}

    void add() {
        const std::lock_guard lock(mutex_);
        progress_(++done_, of_);
    }

  private:
    const std::function<void(std::size_t, std::size_t)>& progress_;
    const std::size_t of_;
    std::mutex mutex_;
    std::size_t done_ = 0;
};

std::vector<std::string> tasks_of(const std::vector<ReceivedFile>& files) {
    std::set<std::string> formats;
    for (const ReceivedFile& file : files) formats.insert(file.format);
    return {formats.begin(), formats.end()};
}

}  // namespace

std::vector<BundledPackage> inspect_packages(
    const Formats& formats, const Cells& cells, const std::vector<ReceivedFile>& files,
    const SignatureRule& signatures, const InspectionRule& rule,
    const std::function<void(std::size_t, std::size_t)>& progress, Report& report) {
    // The largest first: one that came last would keep one cell busy and the others idle.
    std::vector<std::size_t> order(files.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return files[i].size; });
    CellPool pool(cells, tasks_of(files), reading_limits(rule.limits));
    std::vector<Inspected> inspected(files.size());
    Counter read(progress, files.size());
    parallel_for(files.size(), [&](std::size_t i) {
        const ReceivedFile& file = files[order[i]];
        inspected[order[i]] = inspect_one(formats, pool, file, signatures, rule);
        read.add();
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
