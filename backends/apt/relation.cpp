// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/relation.hpp"

#include <algorithm>
#include <array>

#include "backends/apt/deb822.hpp"
#include "backends/apt/version.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

struct RelationField {
    std::string_view name;
    bool alternatives;  // dpkg takes "a | b" here
    bool exact;         // and no other relation than "="
};
constexpr std::array fields{
    RelationField{"Depends", true, false},
    RelationField{"Pre-Depends", true, false},
    RelationField{"Recommends", true, false},
    RelationField{"Suggests", true, false},
    RelationField{"Enhances", true, false},
    RelationField{"Breaks", false, false},
    RelationField{"Conflicts", false, false},
    RelationField{"Replaces", false, false},
    RelationField{"Provides", false, true},
    RelationField{"Built-Using", false, true},
    RelationField{"Static-Built-Using", false, true},
};

/// apt ends itself where a name or a version has 65535 bytes; no file name is longer than this.
constexpr std::size_t longest_word = 255;

const RelationField* find(std::string_view name) {
    const auto* const found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) {
        return same_name(field.name, name);
    });
    return found == fields.end() ? nullptr : &*found;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Large letters and `_` are no part of Policy's names, but dpkg and apt take them, and packages
/// that depend on such names are about.
bool is_package_name(std::string_view name) {
    return !name.empty() && is_alphanumeric(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_alphanumeric(c) || c == '+' || c == '-' || c == '.' || c == '_';
           });
}

bool is_architecture(std::string_view name) {
    return !name.empty() && is_alphanumeric(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// One field, from its begin to its end. The first fault ends the reading.
class Parser {
  public:
    Parser(const RelationField& field, std::string_view value)
        : field_(field), value_(value), rest_(value) {}

    /// Groups, between commas.
    std::string run() {
        do {
            alternatives();
        } while (fault_.empty() && take(','));
        if (fault_.empty() && !rest_.empty()) {
            fail(rest_.front() == '[' || rest_.front() == '<'
                     ? "restrictions to architectures and profiles are for source packages"
                     : "a comma is missing");
        }
        return std::move(fault_);
    }

  private:
    void alternatives() {
        relation();
        while (fault_.empty() && take('|')) {
            if (!field_.alternatives) return fail("alternatives (|) are not possible here");
            relation();
        }
    }

    void relation() {
        skip_spaces();
        begin_ = rest_;
        const std::string_view name = word();
        const bool ended = rest_.empty() || rest_.front() == ',' || rest_.front() == '|';
        if (name.empty() && ended) return fail("a package name is missing");
        if (!is_package_name(name)) return fail("there is no valid package name");
        if (take_here(':') && !is_architecture(word())) return fail("no valid architecture");
        if (take('(')) version();
        skip_spaces();
    }

    /// After the bracket.
    void version() {
        const std::string_view sign = sign_with_blanks();
        if (sign.empty()) {
            return fail("a relation is missing before the version (<<, <=, =, >= or >>)");
        }
        // The single < and > are old, and still read as <= and >=.
        constexpr std::array<std::string_view, 7> signs{"<<", "<=", "=", ">=", ">>", "<", ">"};
        if (std::find(signs.begin(), signs.end(), sign) == signs.end()) {
            return fail("\"" + core::escaped(sign) +
                        "\" is none of the relations <<, <=, =, >= and >>");
        }
        if (field_.exact && sign != "=") return fail("no other relation than = is possible here");
        skip_spaces();
        const std::string_view version = word_to(" \t\n()");
        if (version.find_first_of(",|") != std::string_view::npos) {
            return fail("there is more than one version in the brackets");
        }
        if (!comparable(version)) return fail("there is no valid version");
        if (take(')')) return;
        const std::size_t end = rest_.find_first_of("(),|");
        fail(end != std::string_view::npos && rest_[end] == ')'
                 ? "there is more than one version in the brackets"
                 : "a bracket is not closed");
    }

    /// Up to its last character, so that "> =" is not taken for ">" and an odd version.
    std::string_view sign_with_blanks() {
        skip_spaces();
        const std::size_t end = std::min(rest_.find_first_not_of("<=> \t\n"), rest_.size());
        const std::size_t size = rest_.substr(0, end).find_last_of("<=>") + 1;
        const std::string_view sign = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return sign;
    }

    std::string_view word() { return word_to(" \t\n:(),|[]<>"); }

    /// Empty if it is too long.
    std::string_view word_to(std::string_view ends) {
        const std::string_view word = rest_.substr(0, rest_.find_first_of(ends));
        rest_.remove_prefix(word.size());
        return word.size() <= longest_word ? word : std::string_view();
    }

    void skip_spaces() {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    }

    bool take(char c) {
        skip_spaces();
        return take_here(c);
    }

    bool take_here(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// The text is the relation that is at fault, up to where the next one may begin; all of the
    /// field if there is none.
    void fail(std::string_view what) {
        constexpr std::size_t shown = 80;
        const std::size_t read = begin_.size() - rest_.size();
        std::string_view text = begin_.substr(0, begin_.find(',', read));
        if (text.empty()) text = value_;
        fault_ = std::string(what) + ": \"" + core::escaped(text.substr(0, shown)) + "\"";
    }

    const RelationField& field_;
    const std::string_view value_;
    std::string_view rest_;
    std::string_view begin_;  // of the relation that is read
    std::string fault_;
};

}  // namespace

bool is_relation(std::string_view field) {
    return find(field) != nullptr;
}

std::uint64_t count_relations(std::string_view value) {
    return 1 + static_cast<std::uint64_t>(std::count_if(
                   value.begin(), value.end(), [](char c) { return c == ',' || c == '|'; }));
}

std::string relation_fault(std::string_view field, std::string_view value) {
    return Parser(*find(field), value).run();
}

}  // namespace apt
