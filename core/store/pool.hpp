// SPDX-License-Identifier: GPL-3.0-or-later
// The pool: every package and document by its SHA-256, read-only, never changed.
//
//   pool/ab/abcdef….rpm          the file (0444)
//   pool/names/rpm/NAME          a hard link to it under its published file name: the first content
//                                that took a name owns it, anywhere in the depot
//
// A name whose content no release record names any more (an admission that was cut off) is free
// again; Admission looks that up only when two contents meet under one name.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/model/digest.hpp"

namespace core {

class Pool {
  public:
    explicit Pool(std::filesystem::path directory);

    /// Where a file with this content is, or would be. `format` is its extension: rpm, deb, xml.
    std::filesystem::path file(const Digest& digest, std::string_view format) const;

    bool holds(const Digest& digest, std::string_view format) const;

    /// Moves a scratch file of this content in; both are on one file system. Flushing is the
    /// caller's. If the pool holds the content already the scratch file is removed.
    void adopt(const std::filesystem::path& scratch, const Digest& digest, std::string_view format);

    /// True if another content than `digest` owns the published file name.
    bool name_taken(std::string_view format, std::string_view name, const Digest& digest) const;

    /// Gives the name to the content, which the pool holds, whoever owned it.
    void claim(std::string_view format, std::string_view name, const Digest& digest);

    const std::filesystem::path& directory() const { return directory_; }

    /// Where the claim of a published file name is, or would be.
    std::filesystem::path name_link(std::string_view format, std::string_view name) const;

  private:
    std::filesystem::path directory_;
};

}  // namespace core
