// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/id_owners.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/model/digest.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace {

/// Of one product, version and line.
using ReleaseName = std::array<std::string, 3>;

ReleaseName release_name(const Release& release) {
    return {release.line, lower(release.product), lower(release.version)};
}

using Ids = std::vector<std::string>;  // in their order

Ids in_both(const Ids& a, const Ids& b) {
    Ids both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    return both;
}

/// A release that stands, and which of the ids in question it has.
struct Holder {
    std::string release;
    std::string stage;
    std::string provider;  // empty: nobody
    std::uint64_t operation = 0;
    ReleaseName name;
    Ids ids;
};

/// Older records do not have them: then the documents are read.
Ids ids_of(const Depot& depot, const Formats& formats, const Release& release) {
    if (!release.ids.empty()) return release.ids;
    std::set<std::string> ids;
    for (const Document& document : release.documents) {
        const Platform* platform = find_named(depot.configuration.platforms, document.platform);
        if (platform == nullptr) continue;  // what it had for it is not published any more
        const auto file = depot.pool.file(document.digest, "xml");
        const std::string bytes = read_file(file);
        if (sha256(bytes) != document.digest) {
            throw Error(file.string() + " is not what was admitted: its SHA-256 is another");
        }
        ids.merge(formats.at(platform->format).backend->ids(bytes));
    }
    return {ids.begin(), ids.end()};
}

std::vector<Holder> holders(const Depot& depot, const Formats& formats, const Owners& owners,
                            const Standing& standing, const Ids& ids) {
    std::vector<Holder> all;
    for (const auto& [id, stage] : standing) all.push_back({id, stage, {}, 0, {}, {}});
    parallel_for(all.size(), [&](std::size_t i) {
        const Release other = depot.records.load(all[i].release);
        all[i].ids = in_both(ids_of(depot, formats, other), ids);
        if (all[i].ids.empty()) return;
        all[i].provider = provider_by_now(owners, other);
        all[i].operation = other.operation;
        all[i].name = release_name(other);
    });
    std::erase_if(all, [](const Holder& holder) { return holder.ids.empty(); });
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

/// What of a provider's release `name`, with these ids, is another's.
Report objections(const std::vector<Holder>& all, const ReleaseName& name, const Ids& ids,
                  const std::string& provider) {
    std::map<std::string, const Holder*> first;  // by id
    for (const Holder& holder : all) {
        if (holder.name == name) continue;
        for (const std::string& id : in_both(holder.ids, ids)) {
            const Holder*& known = first[id];
            if (known == nullptr || holder.operation < known->operation) known = &holder;
        }
    }
    Report report;
    for (const auto& [id, holder] : first) {
        if (holder->provider == provider) continue;
        report.push_back(objection(id, *holder, provider));
    }
    return report;
}

/// A release that stood nowhere, and is to.
struct Returning {
    const Move* move;
    std::string provider;
    ReleaseName name;
    Ids ids;
};

}  // namespace

Report ids_of_others(const Depot& depot, const Formats& formats, const Owners& owners,
                     const Standing& standing, const Release& release) {
    if (release.ids.empty()) return {};
    return objections(holders(depot, formats, owners, standing, release.ids), release_name(release),
                      release.ids, release.provider);
}

void refuse_ids_of_others(const Depot& depot, const Formats& formats, const Owners& owners,
                          const Standing& standing, const std::vector<Move>& moves) {
    std::vector<Returning> all;
    std::set<std::string> ids;
    for (const Move& move : moves) {
        if (!move.from.empty()) continue;
        const Release release = depot.records.load(move.release);
        all.push_back({&move, provider_by_now(owners, release), release_name(release),
                       ids_of(depot, formats, release)});
        ids.insert(all.back().ids.begin(), all.back().ids.end());
    }
    if (ids.empty()) return;
    const auto held =
        holders(depot, formats, owners, after(standing, moves), {ids.begin(), ids.end()});
    Report report;
    for (const Returning& one : all) {
        for (Problem& problem : objections(held, one.name, one.ids, one.provider)) {
            problem.message = fmt::format("{} cannot come to {}: {}", one.move->release,
                                          one.move->to, problem.message);
            problem.remedy =
                "take one of the two back first, with `sluice reject`, or with "
                "`sluice rollback` without --stage";
            report.push_back(std::move(problem));
        }
    }
    if (!report.empty()) throw Refused(report);
}

}  // namespace core
