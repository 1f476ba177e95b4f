// SPDX-License-Identifier: GPL-3.0-or-later
// Platforms, lines and stages: the axes of the published tree, all from the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/package_limits.hpp"
#include "core/model/remark.hpp"

namespace core {

struct Platform {
    std::string name;    // "el9", "debian12": a directory name
    std::string format;  // "yum" or "apt"
    std::vector<std::string> architectures;
    std::vector<std::string> aliases;    // what providers call it: "SL9", "rocky9"
    std::vector<std::string> dist_tags;  // in a package's release or version: ".el9", "~deb12"
    std::vector<std::string> components{"main"};  // apt only; the first is the default
    bool xz = false;                              // also offer xz; slow to make, smaller to fetch
    bool contents = false;                        // apt only: Contents, for apt-file

    /// By name or alias, ignoring case.
    bool answers_to(std::string_view text) const;

    bool operator==(const Platform&) const = default;
};

enum class SignaturePolicy { require, allow_unsigned };

struct Line {
    std::string name;   // "umd5": a directory name
    std::string title;  // for people: "UMD 5"
    SignaturePolicy signatures = SignaturePolicy::require;
    // Documents may speak of packages that their release does not bring.
    bool keep_foreign_references = false;
    bool refuse_expired_keys = false;  // promote nothing whose key has expired since
    PackageLimits limits{};            // of what is handed in; what stands is not judged again
    std::vector<std::string> usual_places = default_usual_places();

    bool operator==(const Line&) const = default;
};

struct Stage {
    std::string name;
    std::vector<std::string> from;            // stages a release may come from
    std::vector<std::string> emergency_from;  // further ones for a release flagged emergency
    bool entry = false;       // admission puts releases here, each also in a repository of its own
    bool enabled = false;     // client files are shipped enabled
    bool archive = false;     // reached by `deprecate`
    bool rejectable = false;  // `reject` may take a release out of here
    std::vector<std::string> refuse{};  // kinds of remarks (remark.hpp) with which nothing enters

    bool operator==(const Stage&) const = default;
};

}  // namespace core
