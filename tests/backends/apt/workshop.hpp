// SPDX-License-Identifier: GPL-3.0-or-later
// A scratch directory in which tests build real packages and depots' worth of parts.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backends/apt/backend.hpp"
#include "core/model/package.hpp"
#include "tests/scratch.hpp"

/// Cells that read packages; all tests share them.
const core::Cells& cells();

class Workshop {
  public:
    Workshop();

    std::filesystem::path path(const std::string& name) const { return directory_ / name; }

    /// Runs a shell command in the directory; throws unless it succeeds. Returns its output.
    std::string run(const std::string& command) const;

    /// A package by dpkg-deb with one file in it.
    std::filesystem::path build(const std::string& name, const std::string& version,
                                const std::string& architecture = "amd64",
                                const std::string& more_fields = {},
                                const std::string& options = "-Zgzip") const;

    /// A compressed tar of the named contents; `compress` is a filter such as "gzip -n".
    std::string tar(const std::map<std::string, std::string>& files,
                    const std::string& compress) const;

    /// An ar archive of these members, in this order.
    static std::string ar(const std::vector<std::pair<std::string, std::string>>& members);

    /// The parts of a depot.
    core::Cache cache() const { return core::Cache(path("cache")); }
    core::Pool pool() const { return core::Pool(path("pool")); }
    apt::AptBackend backend() const {
        return {cache(), pool(), apt::AptInspector(cache(), cells())};
    }

    /// Inspects the package and takes a copy into the pool.
    core::Package admit(const std::filesystem::path& file) const;

  private:
    tests::Scratch directory_;
};

/// What a cell reads in a package.
core::Inspection read(const std::filesystem::path& file, const core::Digest& digest,
                      const core::InspectionRule& rule = {});

/// "Package: argus\nVersion: 1.0-1\n…": enough for a package.
std::string minimal_control(const std::string& more_fields = {});

/// The index rows of packages, as a roster would give them.
core::Rows rows_of(const std::vector<core::Package>& packages);

/// production of umd5 for debian12, with the packages in the sections that take them.
core::Composition composition_of(const apt::AptBackend& backend,
                                 const std::vector<core::Package>& packages);
