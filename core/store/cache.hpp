// SPDX-License-Identifier: GPL-3.0-or-later
// The depot's store of what is derived (fragments/): values that can be made again from the pool
// and the records.
//
//   values/7    values, one after the other
//   index/ab    a line of fixed size for each value whose key begins with ab: in which file it
//               stands and where, its checksum, and when it was used last
//
// Both are only added to, by any number of threads and processes, without a lock: a line or a value
// is one write at the end of its file. Nothing is mapped or flushed. A file may be damaged, cut or
// deleted at any time, the disk may be full, the depot may be one that this user cannot write:
// whatever is not as it was put is "not there", and who asks makes the value anew.
#pragma once

#include <concepts>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/digest.hpp"

namespace core {

/// Copies share what they know of the files, and are safe from several threads and on both sides of
/// a fork.
class Cache {
  public:
    explicit Cache(std::filesystem::path directory);

    /// What a value is of.
    struct Key {
        enum class Kind : std::uint32_t { other, package };

        Kind kind = Kind::other;
        Digest digest;

        /// Of values that have names of ours.
        template <std::convertible_to<std::string_view> Name>
        Key(const Name& name) : digest(sha256(name)) {}
        /// Of what has a digest of its own.
        explicit Key(const Digest& what, Kind of = Kind::other) : kind(of), digest(what) {}
    };

    std::optional<std::string> get(const Key& key) const;

    /// Found by every process from now on, instead of what was put under this key before. If it
    /// cannot be kept, it is not; then what was there before may still be.
    void put(const Key& key, std::string_view value) const;

    /// For a value that is needed and not read; get() does it too.
    void mark_as_used(const Key& key) const;

    /// Drops what nobody has used for 31 days, and all that no key leads to; of packages, those
    /// that are `named` stay, and others go after a day (an admission may go on). What another
    /// process puts meanwhile may be lost, as anything here.
    void sweep(const std::function<bool(const Digest&)>& named, std::time_t now) const;

  private:
    class Store;

    std::shared_ptr<Store> store_;
};

}  // namespace core
