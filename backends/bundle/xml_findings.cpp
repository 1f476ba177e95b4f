// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_findings.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/model/text.hpp"

namespace bundle {
namespace {

constexpr std::size_t longest_excerpt = 60;
constexpr std::size_t longest_compared = 48;

}  // namespace

LineTable::LineTable(std::string_view text) : begins_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
        if (text[i] == '\n' || lone_return) begins_.push_back(i + 1);
    }
}

Place LineTable::place(std::size_t offset) const {
    const auto after = std::upper_bound(begins_.begin(), begins_.end(), offset);
    return {static_cast<int>(after - begins_.begin()), static_cast<int>(offset - *(after - 1)) + 1};
}

void Findings::error(core::reason::Code code, Place place, std::string_view element,
                     std::string message, std::string remedy) {
    if (++errors_ > most_) return;
    report_.push_back({core::Severity::error, std::string(code), where_, place.line, place.column,
                       std::string(element), std::move(message), std::move(remedy)});
}

void Findings::warning(core::reason::Code code, Place place, std::string_view element,
                       std::string message, std::string remedy) {
    if (++warnings_ > most_) return;
    report_.push_back({core::Severity::warning, std::string(code), where_, place.line, place.column,
                       std::string(element), std::move(message), std::move(remedy)});
}

bool Findings::wants_errors() const {
    return errors_ < most_;
}

bool Findings::wants_warnings() const {
    return warnings_ < most_;
}

void Findings::add_rest(core::Severity severity, std::size_t count, core::Report& report) const {
    if (count <= most_) return;
    core::Problem problem;
    problem.severity = severity;
    const auto last = std::find_if(report.rbegin(), report.rend(),
                                   [&](const auto& found) { return found.severity == severity; });
    problem.code = last->code;
    problem.where = where_;
    problem.message = fmt::format("{} more {} are not shown", count - most_,
                                  severity == core::Severity::error ? "errors" : "warnings");
    problem.remedy = "mend those that are shown, and check again";
    report.push_back(std::move(problem));
}

core::Report Findings::take() {
    core::Report report = std::exchange(report_, {});
    add_rest(core::Severity::error, std::exchange(errors_, 0), report);
    add_rest(core::Severity::warning, std::exchange(warnings_, 0), report);
    return report;
}

core::Report Findings::take_sorted() {
    std::stable_sort(report_.begin(), report_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    return take();
}

std::string excerpt(std::string_view text) {
    if (text.size() <= longest_excerpt) return std::string(text);
    std::size_t end = longest_excerpt;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return std::string(text.substr(0, end)) + "…";
}

/// Levenshtein's distance on short names, ignoring case: one slip, two in a longer name.
bool similar(std::string_view a, std::string_view b) {
    const std::string first = core::lower(a.substr(0, longest_compared + 1));
    const std::string second = core::lower(b.substr(0, longest_compared + 1));
    if (first.size() > longest_compared || second.size() > longest_compared) return false;
    const std::size_t longer = std::max(first.size(), second.size());
    const std::size_t allowed = longer > 5 ? 2 : longer > 2 ? 1 : 0;
    if (longer - std::min(first.size(), second.size()) > allowed) {
        return false;
    }
    std::array<std::size_t, longest_compared + 1> row{};
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < first.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < second.size(); ++j) {
            const std::size_t replaced = diagonal + (first[i] == second[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row[second.size()] <= allowed;
}

}  // namespace bundle
