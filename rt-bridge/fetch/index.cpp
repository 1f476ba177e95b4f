// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/index.hpp"

#include <fmt/format.h>
#include <utility>

#include "backends/archive/inflater.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;
using archive::Fault;

constexpr std::uint64_t parts_of_a_package = 200;
constexpr std::uint64_t densest = 200;             // bytes out for each byte in, …
constexpr std::uint64_t dense_after = 1ull << 30;  // … once so many came out

}  // namespace

core::Refused invalid_index(const std::string& where, const std::string& what, std::string remedy) {
    return {reason::repository_invalid, core::escaped(where) + ": " + what, std::move(remedy)};
}

core::Refused too_large_index(const std::string& where, const std::string& what,
                              const std::string& setting) {
    std::string remedy = "Offer a repository that holds one release only";
    if (!setting.empty()) remedy += ", or have the operators raise download." + setting;
    return {reason::download_limit, core::escaped(where) + ": " + what, remedy + "."};
}

void PackageList::count_package(const std::string& where) {
    if (++packages_ <= limits_.packages) return;
    throw too_large_index(
        where,
        fmt::format("the source's indexes have more than {} packages, as many as are read",
                    limits_.packages),
        "index_packages");
}

void PackageList::check_parts(std::uint64_t parts, const std::string& where) const {
    const std::uint64_t most = parts_of_a_package * limits_.packages;
    if (parts <= most) return;
    throw too_large_index(
        where,
        fmt::format("it has {} lines, or elements and attributes; {} are read, {} for each of {} "
                    "packages",
                    parts, most, parts_of_a_package, limits_.packages),
        "index_packages");
}

void PackageList::add(const std::string& path, const Expected& expected, const std::string& where) {
    check_reference(path, core::escaped(where));
    const auto [place, is_new] = files_.emplace(path, expected);
    if (!is_new && place->second != expected) {
        throw invalid_index(where, "two packages are called " + core::escaped(path));
    }
    if (files_.size() <= limits_.files) return;
    throw too_large_index(
        where,
        fmt::format("there are more than {} files, as many as one release may have", limits_.files),
        "files");
}

void PackageList::read(const archive::Source& source, const std::string& where,
                       const std::function<void(std::string_view)>& take) {
    archive::Limits limits;
    limits.bytes = limits_.bytes - bytes_;
    limits.ratio = densest;
    limits.ratio_after = dense_after;
    try {
        archive::Inflater inflater(source, limits, false);
        for (std::string_view block = inflater.next_block(); !block.empty();
             block = inflater.next_block()) {
            bytes_ += block.size();
            take(block);
        }
    } catch (const archive::Broken& broken) {
        if (broken.fault() == Fault::empty) return;
        if (broken.fault() == Fault::too_dense || broken.fault() == Fault::dictionary) {
            throw too_large_index(where, broken.what(), {});
        }
        if (broken.fault() != Fault::too_large) throw invalid_index(where, broken.what());
        throw too_large_index(
            where,
            fmt::format("it has {} bytes, and more than {} come out of it; {} are read of all of "
                        "the source's indexes",
                        source.size(), limits.bytes, limits_.bytes),
            "index_megabytes");
    }
}

}  // namespace fetch
