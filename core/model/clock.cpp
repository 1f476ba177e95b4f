// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/clock.hpp"

#include <array>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

struct Civil {
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
    std::chrono::weekday weekday;
};

Civil civil(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss(time - day),
            std::chrono::weekday(day)};
}

int number(std::string_view text, std::size_t at, std::size_t digits) {
    const auto value = whole_number<int>(text.substr(at, digits));
    if (!value) throw Error("not a time: " + std::string(text));
    return *value;
}

}  // namespace

Time SystemClock::now() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string format_time(Time time) {
    const Civil c = civil(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(c.date.year()),
                       static_cast<unsigned>(c.date.month()), static_cast<unsigned>(c.date.day()),
                       c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count());
}

Time parse_time(std::string_view text) {
    namespace chrono = std::chrono;
    if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text[19] != 'Z') {
        throw Error("not a time: " + std::string(text));
    }
    const chrono::year_month_day date(chrono::year(number(text, 0, 4)),
                                      chrono::month(static_cast<unsigned>(number(text, 5, 2))),
                                      chrono::day(static_cast<unsigned>(number(text, 8, 2))));
    const Time time = chrono::sys_days(date) + chrono::hours(number(text, 11, 2)) +
                      chrono::minutes(number(text, 14, 2)) + chrono::seconds(number(text, 17, 2));
    if (!date.ok() || format_time(time) != text) throw Error("not a time: " + std::string(text));
    return time;
}

std::string format_rfc2822(Time time) {
    static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Civil c = civil(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} UTC", days[c.weekday.c_encoding()],
                       static_cast<unsigned>(c.date.day()),
                       months[static_cast<unsigned>(c.date.month()) - 1],
                       static_cast<int>(c.date.year()), c.time.hours().count(),
                       c.time.minutes().count(), c.time.seconds().count());
}

}  // namespace core
