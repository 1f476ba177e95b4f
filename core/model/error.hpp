// SPDX-License-Identifier: GPL-3.0-or-later
// The two ways an operation can fail, told apart by who can mend it.
//
// Refused: the request breaks a rule. Its text is written for the one who asked: what, where, and
//          how to mend it, with a stable reason code (core/model/reason.hpp) that scripts may
//          depend on.
// Error:   the world failed (disk, key, configuration). Its text is written for the operator; each
//          layer that knows more adds context on the way up.
// In either case nothing is half done and nothing is lost.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/problem.hpp"

namespace core {

class Refused : public std::runtime_error {
  public:
    /// `code` is of core/model/reason.hpp; `remedy` may be empty where the message has it already.
    Refused(std::string_view code, const std::string& message, std::string remedy = {});

    /// Refuses for all the errors of a report at once; the first one gives code and message.
    explicit Refused(Report report);

    const std::string& code() const { return code_; }
    const std::string& remedy() const { return remedy_; }
    const Report& report() const { return report_; }

  private:
    std::string code_;
    std::string remedy_;
    Report report_;
};

class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// An Error whose text ends with the meaning of the current `errno`.
Error system_error(const std::string& what);

/// Runs `action`; an Error that leaves it gets "context: " in front of its text. Refused passes
/// unchanged, because its reader does not know our layers.
template <class Action>
auto with_context(std::string_view context, Action&& action) {
    try {
        return std::forward<Action>(action)();
    } catch (const Error& error) {
        throw Error(std::string(context) + ": " + error.what());
    }
}

}  // namespace core
