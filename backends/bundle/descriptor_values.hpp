// SPDX-License-Identifier: GPL-3.0-or-later
// What the values of a descriptor mean, as far as providers have ever agreed on that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle {

enum class DateForm { day_month_year, compact };  // 21/6/2010, 20100621

struct DateReading {
    std::string iso;             // "2010-06-21"; empty: unreadable
    bool expected_form = false;  // as the revision asks for it
    std::string remedy;          // where one of the two is not as it should be
};

DateReading read_date(std::string_view text, DateForm expected);

/// "true", "Yes", "1"; nothing if it is neither yes nor no.
std::optional<bool> read_flag(std::string_view text);

/// "n/a" and its like: given, to say that there is none.
bool says_none(std::string_view text);

/// Text of the form that was to be replaced: "Put the change logs here", "Your e-mail here".
bool is_template_text(std::string_view text);

/// HTML that was escaped into the text, once or twice.
bool holds_markup(std::string_view text);

/// A mail address hidden from robots: "grid.support.at.example.org".
bool hides_mail_address(std::string_view text);

/// One blank where there was white space, none at the ends.
std::string collapsed(std::string_view text);

/// The parts of a list that is separated by blanks, commas or semicolons.
std::vector<std::string> words(std::string_view text);

/// "INFN.argus.centos7.x86_64". The product may contain dots.
struct ShortName {
    std::string provider;
    std::string product;
    std::string platform;
    std::string architecture;
};
std::optional<ShortName> read_short_name(std::string_view text);

bool is_number(std::string_view text);

}  // namespace bundle
