// SPDX-License-Identifier: GPL-3.0-or-later
// A release: the immutable record of what was admitted, and the unit that moves between stages.
#pragma once

#include <string>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/descriptor.hpp"
#include "core/model/package.hpp"
#include "core/model/problem.hpp"

namespace core {

struct Release {
    std::string id;  // file name and directory name; see release_id
    std::string line;
    std::string product;
    std::string version;
    bool emergency = false;
    Time admitted{};
    std::uint64_t operation = 0;  // the one that admitted it
    std::string by;
    std::vector<std::string> submitters;  // everyone who had a hand in it; sorted
    std::string provider;                 // who handed it in; empty: before there were providers
    std::string cause;  // what asked for it: empty for a person, "rt:<ticket>/<transaction>"
    Descriptor descriptor;
    Digest descriptor_digest;
    std::vector<Package> packages;    // sorted by platform, then path
    std::vector<Document> documents;  // sorted by platform, index, name
    std::vector<std::string> ids;     // of what is in them, see Backend::ids; older records lack it
    Report warnings;

    bool operator==(const Release&) const = default;
};

/// The JSON form of releases/<id>.json and of `sluice show --json`.
std::string to_json(const Release& release);

/// Throws Error if `text` is not what to_json makes.
Release release_from_json(std::string_view text);

/// A descriptor that was read elsewhere, and what was found in it: how it comes here. Throws Error.
std::string to_json(const ParsedDescriptor& parsed);
ParsedDescriptor parsed_descriptor_from_json(std::string_view text);

/// "argus-1.7.3"; "argus-1.7.3@umd4" outside the default line; "argus-1.7.3~2" for the second
/// release under one name. Only [a-z0-9._+-@~], never a leading dot: safe as a file name and in a
/// URL.
std::string release_id(std::string_view product, std::string_view version, std::string_view line,
                       bool default_line, int submission);

}  // namespace core
