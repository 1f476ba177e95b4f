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

/// The three numbers of a date with separators; empty if it is none.
std::vector<std::string> date_parts(std::string_view text) {
    std::vector<std::string> parts = core::split(text, "/.-");
    const bool numbers = std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
        return is_number(part) && part.size() <= 4;
    });
    const bool joined =
        parts.size() == 3 && parts[0].size() + parts[1].size() + parts[2].size() + 2 == text.size();
    if (!joined || !numbers) parts.clear();
    return parts;
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

DateReading read_date(std::string_view text, DateForm expected) {
    text = core::trimmed(text);
    const std::size_t time = text.find_first_of("T ");
    const std::string_view day_text = text.substr(0, time);
    DateReading reading;
    std::string meant;  // where day and month were taken for each other
    DateForm form = DateForm::compact;
    bool plain = time == std::string_view::npos;
    if (is_number(day_text) && day_text.size() == 8) {
        const std::string digits(day_text);
        const int year = number(digits.substr(0, 4));
        reading.iso = iso_date(year, number(digits.substr(4, 2)), number(digits.substr(6, 2)));
        meant = iso_date(year, number(digits.substr(6, 2)), number(digits.substr(4, 2)));
    } else if (const auto parts = date_parts(day_text); !parts.empty()) {
        form = DateForm::day_month_year;
        if (parts[0].size() == 4) {
            reading.iso = iso_date(number(parts[0]), number(parts[1]), number(parts[2]));
            plain = false;
        } else if (parts[2].size() == 4) {
            reading.iso = iso_date(number(parts[2]), number(parts[1]), number(parts[0]));
            meant = iso_date(number(parts[2]), number(parts[0]), number(parts[1]));
            plain = plain && day_text.find_first_of(".-") == std::string_view::npos;
        }
    }
    reading.expected_form = plain && form == expected && !reading.iso.empty();
    if (!reading.iso.empty()) meant = reading.iso;
    if (!meant.empty()) {
        reading.remedy = "write " + written(expected, meant);
    } else {
        reading.remedy = expected == DateForm::compact ? "write it as YYYYMMDD, such as 20100621"
                                                       : "write it as day/month/year, such as "
                                                         "21/6/2010";
    }
    return reading;
}

std::optional<bool> read_flag(std::string_view text) {
    constexpr std::array<std::string_view, 7> yes = {"true", "yes", "y", "1", "on", "t", "x"};
    constexpr std::array<std::string_view, 7> no = {"false", "no", "n", "0", "off", "f", "none"};
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
    constexpr std::array<std::string_view, 5> begins = {"put ", "insert ", "enter ", "write ",
                                                        "your "};
    std::string value = core::lower(core::trimmed(text));
    while (value.ends_with('.') || value.ends_with('!')) value.pop_back();
    return value.size() <= longest && value.ends_with(" here") &&
           std::any_of(begins.begin(), begins.end(),
                       [&](std::string_view begin) { return value.starts_with(begin); });
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
    for (const std::string& word : core::split(text, " \t\r\n<>,;")) {
        if (word.find('@') != std::string::npos || word.find("://") != std::string::npos) continue;
        const std::string value = core::lower(word);
        for (const std::string_view at : {".at.", "[at]", "(at)", "_at_"}) {
            const std::size_t found = value.find(at);
            if (found != std::string::npos && found > 0 && found + at.size() < value.size()) {
                return true;
            }
        }
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
