// SPDX-License-Identifier: GPL-3.0-or-later
// The index engine: an index is a sequence of shards, each made once and used again by every
// repository and generation that holds the same packages in the same order.
//
// Rows are cut into shards where the digest of a row says so (content-defined borders), so a change
// disturbs its own shard only. A shard is kept in the depot's cache under the digest of what it
// holds: its open text and its gzip member, for every file of the index. Writing an index is then:
// make the missing shards, and string all of them together; what the index before begins with, too,
// is copied from it (milestones.hpp). gzip files of several members are read by dnf, zypper, apt
// and libcreaterepo_c (RFC 1952 §2.2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/digest.hpp"
#include "core/model/repository.hpp"
#include "core/store/cache.hpp"
#include "core/work/backend.hpp"

namespace shards {

/// How clients read the rows of a file. One row that they cannot read would take all others with
/// it, so every shard is read in this way when it is made.
struct Reading {
    /// How many entries the text of some rows has: one for each row. Throws Error if it is none.
    std::function<std::size_t(std::string_view)> count = {};
    std::string begin = {}, end = {};  // of each row; compared wherever two shards meet
};

/// One file of an index: "primary" of yum's packages, "Packages" of an apt section.
struct File {
    std::string header;                  // text before the first row
    std::string footer;                  // and after the last
    std::filesystem::path plain;         // where to write the open text; empty: nowhere
    std::filesystem::path gzip;          // where to write the compressed form; empty: nowhere
    bool count_lines = false;            // of each row; every file of a kind says the same, always
    Reading reading = {};                // not set: anything is a row
    std::filesystem::path earlier = {};  // what `gzip` was before, if anything: may be copied from
};

/// The name in the cache of notes (milestones.hpp) about an index: those of the one before, which
/// `earlier` files are of, are read and replaced.
std::string notes_of(const core::Composition& composition, std::string_view index);

/// What was written, as repomd.xml and Release describe it.
struct Written {
    core::Digest plain_digest;
    std::uint64_t plain_size = 0;
    core::Digest gzip_digest;
    std::uint64_t gzip_size = 0;
    std::vector<std::uint32_t> lines;  // of each row, if they were to be counted
    std::vector<core::File> files;     // still open
};

/// The texts of one row, one for each file, in the order of the files.
using Fragments = std::vector<std::string>;

/// Gives the fragments of a row. Called from several threads, only for rows of missing shards.
using Render = std::function<Fragments(const core::Row&)>;

/// Where shards end. By digest they have some two dozen rows; rows that have very much text, or
/// change by themselves, are better one by one.
enum class Cut { by_digest, after_each_row };

/// Writes all files of one index. `kind` names the form of the fragments ("yum-packages-1"): rows
/// of different kinds never share shards. Without `notes` none are read or made. Same rows, same
/// bytes, whatever the cache held.
std::vector<Written> write_index(const core::Cache& cache, const std::string& kind,
                                 const core::Rows& rows, const std::vector<File>& files,
                                 const Render& render, Cut cut = Cut::by_digest,
                                 const std::string& notes = "");

/// The texts of a value that core::pack_texts() made of so many; else nullopt.
std::optional<std::vector<std::string_view>> parts_of(std::string_view value, std::size_t count);

/// The fragments of a package, kept when it is read, asked for when a shard is made. nullopt also
/// if they are not `count`.
std::optional<Fragments> load_fragments(const core::Cache& cache, const core::Digest& package,
                                        std::size_t count);
void save_fragments(const core::Cache& cache, const core::Digest& package,
                    const Fragments& fragments);

}  // namespace shards
