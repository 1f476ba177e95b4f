// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a package as its header has them, and what its payload must therefore hold. Every
// path has one meaning: absolute (in a source package a plain name), nothing in it that goes up,
// none twice, and none below another that is no directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/yum/header_view.hpp"

namespace yum {

class FileTable {
  public:
    /// `header` has passed check_shape(), and outlives this. Throws Refused (package-corrupt,
    /// package-unsupported).
    explicit FileTable(const HeaderView& header);

    std::size_t size() const { return names_.size(); }

    /// The file of that name, which is one of the payload: with or without "./" or "/" before it,
    /// as for rpm.
    std::optional<std::size_t> find(std::string_view member) const;

    std::string path(std::size_t file) const;
    std::uint32_t mode(std::size_t file) const { return static_cast<std::uint32_t>(modes_[file]); }
    bool regular(std::size_t file) const;
    bool link(std::size_t file) const;   // a symbolic one
    bool ghost(std::size_t file) const;  // need not be in the payload
    bool whole(std::size_t file) const;  // regular, and its bytes do not come with another

    /// How many bytes the payload has of it. Of a set of hard links the last has all.
    std::uint64_t payload_size(std::size_t file) const;

    /// The target of a symbolic link.
    std::string_view target(std::size_t file) const { return targets_[file]; }

    /// The digest of its bytes in hexadecimal digits, and its algorithm by OpenPGP's number.
    std::string_view digest(std::size_t file) const { return digests_[file]; }
    std::uint32_t digest_algorithm() const { return digest_algorithm_; }

  private:
    struct Path {
        std::string_view directory, name;
    };
    static int compare(Path a, Path b);

    Path at(std::size_t file) const { return {directories_[indexes_[file]], names_[file]}; }
    void check_names() const;
    void sort();
    void check_order() const;
    void link_hard(const HeaderView& header);

    bool source_ = false;
    std::vector<std::string_view> directories_, names_, targets_, digests_;
    std::vector<std::uint64_t> indexes_, modes_, flags_, sizes_;
    std::vector<std::uint32_t> order_;  // by path, what is in a directory right behind it
    std::vector<bool> elsewhere_;       // its bytes come with a later hard link
    std::uint32_t digest_algorithm_ = 1;
};

}  // namespace yum
