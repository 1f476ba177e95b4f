// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache.hpp"

#include "core/digest.hpp"
#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace core {
namespace {

constexpr std::size_t checksum_size = 65;  // 64 hexadecimal digits and a newline, in front

}  // namespace

Cache::Cache(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::optional<std::string> Cache::get(std::string_view key) const {
    std::string bytes;
    try {
        bytes = read_file(directory_ / key);
    } catch (const Error&) {
        return std::nullopt;  // missing and unreadable are the same here: it is made anew
    }
    if (bytes.size() < checksum_size) return std::nullopt;
    const std::string_view value = std::string_view(bytes).substr(checksum_size);
    if (std::string_view(bytes).substr(0, checksum_size) != sha256(value).hex() + "\n") {
        return std::nullopt;
    }
    bytes.erase(0, checksum_size);
    return bytes;
}

void Cache::put(std::string_view key, std::string_view value) const {
    const std::filesystem::path file = directory_ / key;
    std::string bytes = sha256(value).hex() + "\n";
    bytes += value;
    if (!kind_of(file.parent_path())) make_directories(file.parent_path());
    write_file(file, bytes);
}

void Cache::remove(std::string_view key) const {
    remove_tree(directory_ / key);
}

}  // namespace core
