// SPDX-License-Identifier: GPL-3.0-or-later
// The records: releases/<id>.json, one immutable file for each admitted release.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/release.hpp"
#include "core/system/files.hpp"

namespace core {

/// What is said of the record of a release that stands, or did once, and that is not there.
inline constexpr std::string_view record_is_missing =
    "is missing, the record of a release that was admitted: put it back from a backup of the depot";

class Records {
  public:
    explicit Records(std::filesystem::path directory);

    bool has(std::string_view id) const;

    /// Throws Error if there is none of that id, which somebody has admitted: the state or the
    /// ledger names it. For ids that come from outside there is require_admitted (depot.hpp).
    void require(std::string_view id) const;
    Release load(std::string_view id) const;

    /// The file is still open: flushing is the caller's.
    File save(const Release& release);

    void remove(std::string_view id);

    /// All ids, sorted.
    std::vector<std::string> ids() const;

  private:
    std::filesystem::path file(std::string_view id) const;

    std::filesystem::path directory_;
};

/// Reads each record once, for an operation that asks for the same ones several times.
class RecordReader {
  public:
    explicit RecordReader(const Records& records) : records_(records) {}

    /// Throws as Records::load.
    const Release& load(const std::string& id);

  private:
    const Records& records_;
    std::map<std::string, Release> read_;
};

}  // namespace core
