// SPDX-License-Identifier: GPL-3.0-or-later
// The names of all files of a depot, made and parsed in one place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/repository.hpp"

namespace core {

struct Layout {
    std::filesystem::path root;

    std::filesystem::path configuration() const { return root / "sluice.toml"; }
    std::filesystem::path pool() const { return root / "pool"; }
    std::filesystem::path releases() const { return root / "releases"; }
    std::filesystem::path fragments() const { return root / "fragments"; }
    std::filesystem::path provider_keys() const { return root / "provider-keys"; }
    std::filesystem::path ledger() const { return root / "ledger.jsonl"; }
    std::filesystem::path work() const { return root / "work"; }
    std::filesystem::path lock() const { return root / "lock"; }
    std::filesystem::path public_tree() const { return root / "public"; }
    std::filesystem::path generations() const { return public_tree() / "generations"; }
    std::filesystem::path current() const { return public_tree() / "current"; }
    std::filesystem::path keys() const { return public_tree() / keys_name; }
    std::filesystem::path client_files() const { return public_tree() / client_files_name; }

    std::filesystem::path generation(std::uint64_t number) const {
        return generations() / generation_name(number);
    }

    /// Where a repository's additive directory and stable links are.
    std::filesystem::path stable(const Repository& repository) const {
        return public_tree() / repository.path();
    }

    /// Where the repositories of single releases are, each in a directory named after it.
    std::filesystem::path own_repositories(std::string_view stage, std::string_view line) const {
        return public_tree() / stage / line / own_repositories_name;
    }

    /// The directory of the repositories of one release that something in public/ is, or is in;
    /// empty for all else.
    std::filesystem::path release_directory(const std::filesystem::path& path) const;

    /// In each generation; public/ has links of the same names.
    static constexpr std::string_view keys_name = "keys";
    static constexpr std::string_view client_files_name = "client";

    /// In each generation: what its state says of releases.
    static constexpr std::string_view state_name = "state";

    /// "000124"; grows beyond six digits when it must.
    static std::string generation_name(std::uint64_t number);
    static std::optional<std::uint64_t> generation_number(std::string_view name);
};

/// The target of a symbolic link that stands in the directory `from` and leads to `to`; both are
/// relative to public/.
std::string relative_link(std::string_view from, std::string_view to);

}  // namespace core
