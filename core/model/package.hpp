// SPDX-License-Identifier: GPL-3.0-or-later
// A package: one .rpm or .deb as its own header describes it. Its identity is the SHA-256 of the
// whole file; file names given by the provider are never part of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/digest.hpp"
#include "core/model/remark.hpp"

namespace core {

/// Whether `digits` are an epoch: a decimal number of at most 2147483647. dpkg refuses more, and
/// what reads RPM's as a signed number of 32 bits would take it for another one.
bool is_epoch(std::string_view digits);

struct Package {
    Digest digest;
    std::uint64_t size = 0;  // bytes
    std::string format;      // "rpm" or "deb"; the extension of the pool file
    std::string name;
    std::string epoch;    // empty: none
    std::string version;  // upstream version
    std::string release;  // RPM's Release, Debian's revision; may be empty
    std::string architecture;
    bool every_architecture = false;  // noarch, all: goes to every architecture of the platform
    bool source = false;
    std::string component;    // apt's component; empty for yum
    std::string path;         // below the repository's root; depends on the package alone
    std::string platform;     // set at admission
    std::string signed_by;    // fingerprint of the key that signed the package; empty: unsigned
    std::string signed_with;  // … of its subkey that did, or itself; empty also in older records
    Remarks remarks{};        // older records have none

    /// Under which it is published: the end of its path.
    std::string_view file_name() const;

    /// "[epoch:]version[-release]", as both formats write it.
    std::string full_version() const;

    /// "name-[epoch:]version-release.arch" or "name_[epoch:]version_arch": for messages.
    std::string label() const;

    bool operator==(const Package&) const = default;
};

/// Metadata that goes with packages and is merged into a repository: an updateinfo advisory, a
/// comps group list. The bytes are kept in the pool like a package's.
struct Document {
    Digest digest;
    std::uint64_t size = 0;
    std::string index;     // the section of the repository that takes it: "updateinfo", "group"
    std::string platform;  // every tree of this platform that has such an index gets it
    std::string name;      // unique within the release and index; orders documents

    bool operator==(const Document&) const = default;
};

}  // namespace core
