// SPDX-License-Identifier: GPL-3.0-or-later
// The fragments of packages, in the depot's cache: kept when a package is read, asked for when a
// shard is made.
//
//   packages/ab     a table: where the fragments of packages are whose digest begins with ab
//   packs/NAME      fragments, one package's after the other's
//
// An admission has thousands of packages, and to make a file for each costs more than all else that
// is done with a small one. So each process adds to a pack of its own, and a line of fixed size to
// the table. As all of the cache, this may be deleted or damaged at any time: what cannot be found,
// or is not what was kept, is "not there".
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "backends/shards/shards.hpp"
#include "core/cache.hpp"
#include "core/digest.hpp"

namespace shards {

/// Safe from several threads, and on both sides of a fork.
class FragmentStore {
  public:
    explicit FragmentStore(const core::Cache& cache);

    /// nullopt also if they are not `count`.
    std::optional<Fragments> get(const core::Digest& package, std::size_t count) const;

    /// Found by every process from now on, instead of what was kept of the package before.
    void put(const core::Digest& package, const Fragments& fragments) const;

    /// Drops what was kept of packages that are not `needed`, or kept again since; but nothing of
    /// the last day, which may be of an admission that goes on. What another process keeps
    /// meanwhile may be lost, as anything here.
    void keep_only(const std::function<bool(const core::Digest&)>& needed) const;

  private:
    class Pack;
    class Shelf;

    std::filesystem::path directory_;
    std::shared_ptr<Pack> pack_;    // copies add to the same
    std::shared_ptr<Shelf> shelf_;  // and read from the same
};

}  // namespace shards
