// SPDX-License-Identifier: GPL-3.0-or-later
// How new the signed metadata of each source was when its packages were last taken. Without it a
// server, or whoever is between it and us, could hand out an old state again, signatures and all.
//
// One small file, read anew each time, because people forget sources beside a bridge that runs.
// What is in it never grows older; one that cannot be read is an Error, never "nothing was seen".
#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <string>

#include "core/model/clock.hpp"

namespace fetch {

/// A source as it is remembered: mirrors that its URL leads to are one with it.
struct SourceKey {
    std::string url;  // as source_name() writes it
    std::string suite;
    std::string fingerprint;  // of the key that signed

    auto operator<=>(const SourceKey&) const = default;
};

struct Sighting {
    SourceKey source;
    core::Time made{};
};

/// One spelling for all of a repository's URL; nothing in it ends a shell's '…'. Throws
/// http::Failure for what is no URL.
std::string source_name(const std::string& url);

class SeenSources {
  public:
    explicit SeenSources(std::filesystem::path file) : file_(std::move(file)) {}

    /// Throws Refused (source-replayed) if newer metadata of the source was seen.
    void refuse_older(const Sighting& sighting) const;

    /// For what was verified as a whole. Durable when this returns.
    void record(const Sighting& sighting);

    /// Forgets all suites and keys of a URL; says how many.
    std::size_t forget(const std::string& url);

  private:
    using Times = std::map<SourceKey, core::Time>;

    Times load() const;
    void save(const Times& times) const;
    std::filesystem::path lock() const;

    std::filesystem::path file_;
};

}  // namespace fetch
