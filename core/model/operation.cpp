// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/operation.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 8> verbs{{{Verb::init, "init"},
                                                                  {Verb::admit, "admit"},
                                                                  {Verb::promote, "promote"},
                                                                  {Verb::reject, "reject"},
                                                                  {Verb::deprecate, "deprecate"},
                                                                  {Verb::rollback, "rollback"},
                                                                  {Verb::refresh, "refresh"},
                                                                  {Verb::transfer, "transfer"}}};

}  // namespace

std::string_view name(Verb verb) {
    for (const auto& [candidate, text] : verbs) {
        if (candidate == verb) return text;
    }
    return {};
}

Verb verb_named(std::string_view name) {
    for (const auto& [verb, text] : verbs) {
        if (text == name) return verb;
    }
    throw Error("there is no operation called '" + escaped(name) + "'");
}

Arrivals after(Arrivals arrivals, const Operation& operation) {
    for (const Move& move : operation.moves) {
        arrivals.erase(move.release);
        if (!move.to.empty() && operation.arrivals) arrivals[move.release] = operation.number;
    }
    if (!operation.arrivals) return arrivals;
    for (const auto& [release, arrival] : *operation.arrivals) {
        if (arrival == 0) {
            arrivals.erase(release);
        } else {
            arrivals[release] = arrival;
        }
    }
    return arrivals;
}

Arrivals arrivals_back(const Standing& now, const Arrivals& if_moved, const Standing& then,
                       const Arrivals& arrivals, const std::optional<std::string>& stage) {
    const auto of = [](const Arrivals& all, const std::string& release) {
        const auto found = all.find(release);
        return found == all.end() ? 0 : found->second;
    };
    Arrivals back;
    for (const auto& [release, where] : now) {
        if (stage && where != *stage) continue;
        const auto stood = then.find(release);
        if (stood == then.end() || stood->second != where) continue;
        const std::uint64_t arrival = of(arrivals, release);
        if (arrival != of(if_moved, release)) back[release] = arrival;
    }
    return back;
}

Standing after(Standing standing, const std::vector<Move>& moves) {
    for (const Move& move : moves) {
        if (move.to.empty()) {
            standing.erase(move.release);
        } else {
            standing[move.release] = move.to;
        }
    }
    return standing;
}

}  // namespace core
