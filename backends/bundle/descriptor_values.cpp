// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor_values.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>

#include "core/model/text.hpp"

namespace bundle {
namespace {

/// A calendar date between the first and the last year that a release can have; else nothing.
std::string iso_date(int year, int month, int day) {
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (year < 1970 || year > 2199 || !date.ok()) return {};
    return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

int number(const std::string& digits) {
    return std::atoi(digits.c_str());  // at most eight digits
}

std::string written(DateForm form, const std::string& iso) {
    if (form == DateForm::compact) return iso.substr(0, 4) + iso.substr(5, 2) + iso.substr(8, 2);
    return fmt::format("{}/{}/{}", number(iso.substr(8, 2)), number(iso.substr(5, 2)),
                       iso.substr(0, 4));
}

using Numbers = std::array<int, 3>;

/// The three numbers that stand between separators, and nothing else.
std::optional<Numbers> split_numbers(std::string_view text, std::string_view separator) {
    const std::vector<std::string> parts = core::split(text, separator);
    if (parts.size() != 3 || core::join(parts, separator) != text) return std::nullopt;
    Numbers numbers{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_number(parts[i]) || parts[i].size() > 4) return std::nullopt;
        numbers[i] = number(parts[i]);
    }
    return numbers;
}

struct WrittenDate {
    int year = 0;
    int month = 0;
    int day = 0;
    std::optional<DateForm> form;  // nothing: ISO 8601 with dashes, which no revision asks for
};

std::optional<WrittenDate> split_date(std::string_view text) {
    if (is_number(text) && text.size() == 8) {
        const std::string digits(text);
        return WrittenDate{number(digits.substr(0, 4)), number(digits.substr(4, 2)),
                           number(digits.substr(6, 2)), DateForm::compact};
    }
    if (const auto parts = split_numbers(text, "/")) {
        return WrittenDate{(*parts)[2], (*parts)[1], (*parts)[0], DateForm::day_month_year};
    }
    if (const auto parts = split_numbers(text, "-")) {
        return WrittenDate{(*parts)[0], (*parts)[1], (*parts)[2], std::nullopt};
    }
    return std::nullopt;
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

DateReading read_date(std::string_view text, DateForm expected) {
    DateReading reading;
    std::string meant;
    if (const auto date = split_date(core::trimmed(text))) {
        reading.iso = iso_date(date->year, date->month, date->day);
        reading.expected_form = !reading.iso.empty() && date->form == expected;
        // Day and month that were taken for each other are not guessed, but proposed.
        meant = reading.iso.empty() ? iso_date(date->year, date->day, date->month) : reading.iso;
    }
    reading.remedy = !meant.empty() ? "write " + written(expected, meant)
                     : expected == DateForm::compact
                         ? "write it as YYYYMMDD, such as 20100621"
                         : "write it as day/month/year, such as 21/6/2010";
    return reading;
}

std::optional<bool> read_flag(std::string_view text) {
    constexpr std::array<std::string_view, 3> yes = {"true", "yes", "1"};
    constexpr std::array<std::string_view, 3> no = {"false", "no", "0"};
    const std::string value = core::lower(core::trimmed(text));
    if (is_one_of(value, yes)) return true;
    if (is_one_of(value, no)) return false;
    return std::nullopt;
}

bool says_none(std::string_view text) {
    constexpr std::array<std::string_view, 7> none = {"n/a", "n.a.",          "na", "none", "null",
                                                      "-",   "not applicable"};
    return is_one_of(core::lower(core::trimmed(text)), none);
}

bool is_template_text(std::string_view text) {
    constexpr std::size_t longest = 120;
    const std::string value = core::lower(core::trimmed(text));
    return value.size() <= longest && value.ends_with(" here") &&
           (value.starts_with("put ") || value.starts_with("your "));
}

bool holds_markup(std::string_view text) {
    constexpr std::array<std::string_view, 11> marks = {"</",     "<p>",    "<br>",  "<br/>",
                                                        "<br />", "<li>",   "&lt;",  "&gt;",
                                                        "&amp;",  "&nbsp;", "&quot;"};
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
        return text.find(mark) != std::string_view::npos;
    });
}

bool hides_mail_address(std::string_view text) {
    constexpr std::string_view at = ".at.";
    for (const std::string& word : core::split(text, " \t\r\n<>,;")) {
        if (word.find('@') != std::string::npos || word.find("://") != std::string::npos) continue;
        const std::size_t found = word.find(at);
        if (found != std::string::npos && found > 0 && found + at.size() < word.size()) return true;
    }
    return false;
}

std::string collapsed(std::string_view text) {
    return core::join(core::split(text, " \t\r\n\v\f"), " ");
}

std::vector<std::string> words(std::string_view text) {
    return core::split(text, " \t\r\n,;");
}

std::optional<ShortName> read_short_name(std::string_view text) {
    const std::size_t architecture = text.rfind('.');
    if (architecture == std::string_view::npos || architecture == 0) return std::nullopt;
    const std::size_t platform = text.rfind('.', architecture - 1);
    if (platform == std::string_view::npos) return std::nullopt;
    const std::size_t product = text.find('.');
    if (product >= platform) return std::nullopt;
    ShortName name{std::string(text.substr(0, product)),
                   core::lower(text.substr(product + 1, platform - product - 1)),
                   std::string(text.substr(platform + 1, architecture - platform - 1)),
                   std::string(text.substr(architecture + 1))};
    const bool whole = !name.provider.empty() && !name.product.empty() && !name.platform.empty() &&
                       !name.architecture.empty();
    if (!whole || text.find_first_of(" \t\r\n/") != std::string_view::npos) return std::nullopt;
    return name;
}

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace bundle
