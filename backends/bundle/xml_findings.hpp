// SPDX-License-Identifier: GPL-3.0-or-later
// Collects the findings of one document. A hostile document can have a finding per byte, so only
// so many of each severity are kept, and the rest is counted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/problem.hpp"
#include "core/model/reason.hpp"

namespace bundle {

struct Place {
    int line = 0;
    int column = 0;
};

/// Turns offsets into places; knows where the lines of one text begin.
class LineTable {
  public:
    explicit LineTable(std::string_view text);
    Place place(std::size_t offset) const;

  private:
    std::vector<std::size_t> begins_;
};

class Findings {
  public:
    explicit Findings(std::string_view where, std::size_t most = 100)
        : where_(where), most_(most) {}

    void error(core::reason::Code code, Place place, std::string_view element, std::string message,
               std::string remedy = {});
    void warning(core::reason::Code code, Place place, std::string_view element,
                 std::string message, std::string remedy = {});

    /// False where a further one would only be counted.
    bool wants_errors() const;
    bool wants_warnings() const;
    bool has_errors() const { return errors_ > 0; }

    /// What was found so far, in the order in which it was met; afterwards there is nothing.
    core::Report take();

    /// The same in the order of the text.
    core::Report take_sorted();

  private:
    void add_rest(core::Severity severity, std::size_t count, core::Report& report) const;

    std::string where_;
    std::size_t most_;
    core::Report report_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

/// The beginning of a stranger's text, short enough for a message.
std::string excerpt(std::string_view text);

/// True if one name is likely the other one mistyped.
bool similar(std::string_view a, std::string_view b);

}  // namespace bundle
