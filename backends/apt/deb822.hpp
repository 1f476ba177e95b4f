// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's control format (deb822(5), Debian Policy §5.1): paragraphs of fields, as control,
// Packages and Release files have them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/error.hpp"

namespace apt {

struct Field {
    std::string name;
    std::string value;  // lines after the first as in the file: "\n text", never blank
};

class ParagraphReader {
  public:
    /// What is thrown for a line that is none of a paragraph.
    using Refusal = std::function<core::Refused(int line, const std::string& message)>;

    /// The text is borrowed.
    ParagraphReader(std::string_view text, Refusal refusal)
        : rest_(text), refusal_(std::move(refusal)) {}

    /// The fields up to a blank line, which may be none, or to the end; nullopt behind that. Names
    /// are well-formed and stand once.
    std::optional<std::vector<Field>> next();

    int line() const { return line_; }  // that was read last
    std::string_view rest() const { return rest_; }

  private:
    std::string_view take_line();
    Field begun_field(std::string_view line) const;
    void continue_field(std::vector<Field>& fields, std::string_view line) const;

    std::string_view rest_;
    Refusal refusal_;
    int line_ = 0;
};

/// Case does not count in the names of fields.
bool same_name(std::string_view a, std::string_view b);

/// The value of a field, by its name in any case; empty if it is not there.
std::string_view value_of(const std::vector<Field>& fields, std::string_view name);

}  // namespace apt
