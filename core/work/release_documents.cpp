// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/release_documents.hpp"

#include <fmt/format.h>
#include <map>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "core/work/release_rows.hpp"

namespace core {
namespace {

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

/// Each index of a platform gets a bounded part of a release, whatever it came from.
void check_sizes(const std::vector<Backend::NewDocument>& documents, const std::string& platform,
                 const PackageLimits& limits, Report& report) {
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& [document, bytes] : documents) sizes[document.index] += bytes.size();
    for (const auto& [index, size] : sizes) {
        try {
            check_index_size(fmt::format("what the release brings into {} of {}", index, platform),
                             size, limits.updateinfo_mb, "updateinfo_mb");
        } catch (const Refused& refused) {
            append(report, refused.report());
        }
    }
}

}  // namespace

std::vector<ReceivedFile> add_documents(const Depot& depot, const Formats& formats,
                                        const Bundle& bundle, Release& release, Report& report) {
    const Configuration& configuration = depot.configuration;
    const Line& line = configuration.line(release.line);
    const bool keep = line.keep_foreign_references;
    std::vector<ReceivedFile> files;
    std::set<std::string> ids;
    for (const std::string& name : platforms_of(release)) {
        const Platform& platform = configuration.platform(name);
        const Backend& backend = *formats.at(platform.format).backend;
        auto made = backend.documents(release, platform,
                                      {documents_for(configuration, bundle, platform), keep});
        if (!made.foreign.empty()) report.push_back(left_out(name, made.foreign));
        check_sizes(made.documents, name, line.limits, report);
        for (auto& [document, bytes] : made.documents) {
            document.digest = sha256(bytes);
            document.size = bytes.size();
            document.platform = name;
            ids.merge(backend.ids(bytes));
            const auto file = bundle.scratch / ("document-" + std::to_string(files.size()));
            bundle.flusher->write_file(file, bytes);
            files.push_back({file, document.digest, document.size, document.name, "xml"});
            release.documents.push_back(document);
        }
    }
    release.ids = {ids.begin(), ids.end()};
    return files;
}

std::set<std::pair<std::string, std::string>> own_documents(const Configuration& configuration,
                                                            const Formats& formats,
                                                            const Release& release) {
    std::set<std::pair<std::string, std::string>> names;
    for (const std::string& name : platforms_of(release)) {
        const Platform& platform = configuration.platform(name);
        const auto made = formats.at(platform.format).backend->documents(release, platform, {});
        for (const auto& [document, bytes] : made.documents) names.emplace(name, document.name);
    }
    return names;
}

}  // namespace core
