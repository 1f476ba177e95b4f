// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/id_owners.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/parallel.hpp"
#include "core/reason.hpp"
#include "core/report.hpp"
#include "core/text.hpp"

namespace core {
namespace {

/// A release that stands, and which of the ids in question it has.
struct Holder {
    std::string release;
    std::string stage;
    std::string provider;  // empty: nobody
    std::uint64_t operation = 0;
    std::vector<std::string> ids;
};

/// Older records do not have them: then the documents are read.
std::vector<std::string> ids_of(const Depot& depot, const Formats& formats,
                                const Release& release) {
    if (!release.ids.empty()) return release.ids;
    std::set<std::string> ids;
    for (const Document& document : release.documents) {
        const auto& platforms = depot.configuration.platforms;
        const auto platform = std::ranges::find(platforms, document.platform, &Platform::name);
        if (platform == platforms.end()) continue;  // what it had for it is not published any more
        const auto file = depot.pool.file(document.digest, "xml");
        const std::string bytes = read_file(file);
        if (sha256(bytes) != document.digest) {
            throw Error(file.string() + " is not what was admitted: its SHA-256 is another");
        }
        ids.merge(formats.at(platform->format).backend->ids(bytes));
    }
    return {ids.begin(), ids.end()};
}

bool is_namesake(const Release& a, const Release& b) {
    return a.line == b.line && lower(a.product) == lower(b.product) &&
           lower(a.version) == lower(b.version);
}

std::vector<Holder> holders(const Depot& depot, const Formats& formats, const Owners& owners,
                            const Standing& standing, const Release& release) {
    std::vector<Holder> all;
    for (const auto& [id, stage] : standing) all.push_back({id, stage, {}, 0, {}});
    parallel_for(all.size(), [&](std::size_t i) {
        const Release other = depot.records.load(all[i].release);
        if (is_namesake(other, release)) return;
        all[i].provider = provider_by_now(owners, other);
        all[i].operation = other.operation;
        std::ranges::set_intersection(ids_of(depot, formats, other), release.ids,
                                      std::back_inserter(all[i].ids));
    });
    return all;
}

Problem objection(const std::string& id, const Holder& holder, const std::string& provider) {
    const std::string where = fmt::format("the {} stands in {} already, in {}", escaped(id),
                                          holder.stage, holder.release);
    constexpr std::string_view remedy =
        "give it another id; that of a release's own advisory is made of its product and version";
    return holder.provider.empty()
               ? error_at({}, reason::id_owner,
                          where + " of before there were providers, and is nobody's yet",
                          fmt::format("{}. Or have the operator say whose its packages are: sluice "
                                      "provider adopt",
                                      remedy))
               : error_at(
                     {}, reason::id_owner,
                     fmt::format("{} of the provider {}, not {}", where, holder.provider, provider),
                     std::string(remedy));
}

}  // namespace

Report ids_of_others(const Depot& depot, const Formats& formats, const Owners& owners,
                     const Standing& standing, const Release& release) {
    if (release.ids.empty()) return {};
    const auto all = holders(depot, formats, owners, standing, release);
    std::map<std::string, const Holder*> first;  // by id
    for (const Holder& holder : all) {
        for (const std::string& id : holder.ids) {
            const Holder*& known = first[id];
            if (known == nullptr || holder.operation < known->operation) known = &holder;
        }
    }
    Report report;
    for (const auto& [id, holder] : first) {
        if (holder->provider == release.provider) continue;
        report.push_back(objection(id, *holder, release.provider));
    }
    return report;
}

}  // namespace core
