// SPDX-License-Identifier: GPL-3.0-or-later
// What each revision of the descriptor knows: names of elements and attributes, as data.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bundle {

enum class Revision { a, b, c, d, e, f };

/// What a value is checked for.
enum class Kind {
    group,     // holds elements
    text,      // anything
    notes,     // prose, perhaps long
    contact,   // a mail address
    url,       // one address, or several by mistake
    date,      // 21/6/2010
    iso_date,  // 20100621
    flag,      // true, false
    protocol,  // of SynchURL
};

struct Schema;

struct Rule {
    std::string_view name;  // as published
    Kind kind = Kind::text;
    bool many = false;               // may stand there more than once
    const Schema* inside = nullptr;  // of a group
};

struct Schema {
    std::span<const Rule> elements;
    std::span<const Rule> attributes;
};

/// "A" … "F".
std::string letter(Revision revision);

/// What may stand at the top of a document.
const Schema& document_schema(Revision revision);

/// A name without case, '_' and '-': providers write technology_provider, Relativepath.
std::string folded(std::string_view name);

/// folded(a) == folded(b), without the copies.
bool same_name(std::string_view a, std::string_view b);

/// The rule for a name, however it is written; null if there is none.
const Rule* find_rule(std::span<const Rule> rules, std::string_view name);

/// The namespaces of revision F.
bool is_namespace_of_f(std::string_view uri);

/// The namespace that was likely meant; empty if it cannot be told.
std::string_view similar_namespace(std::string_view uri);

}  // namespace bundle
