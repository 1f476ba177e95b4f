// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/basket.hpp"

#include <algorithm>

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;

core::Refused too_much(const std::string& text) {
    return {reason::download_limit, text, "Hand in less at once, or ask the operators."};
}

}  // namespace

core::Refused refused(const http::Failure& failure) {
    switch (failure.trouble()) {
        case http::Trouble::forbidden:
            return {reason::download_forbidden, failure.what(),
                    "Put the files on a server that sluice may use, or ask the operators to allow "
                    "this one."};
        case http::Trouble::too_slow:
        case http::Trouble::too_large:
            return {reason::download_limit, failure.what(), ""};
        case http::Trouble::unreachable:
        case http::Trouble::broken:
            break;
    }
    return {reason::download_failed, failure.what(), "Check that the URL can be downloaded."};
}

Basket::Basket(http::Client& client, const core::Cells& cells, const Bounds& bounds,
               std::filesystem::path directory)
    : client_(client), cells_(cells), bounds_(bounds), directory_(std::move(directory)) {}

std::filesystem::path Basket::place_for(const std::string& name) {
    const std::filesystem::path wanted = harmless_path(name);
    std::filesystem::path place = wanted;
    for (int i = 2; !taken_.insert(place).second; ++i) {
        place = wanted.parent_path() / ("_" + std::to_string(i)) / wanted.filename();
    }
    std::filesystem::path file = directory_ / place;
    core::make_directories(file.parent_path());
    return file;
}

void Basket::add(const std::string& url, const std::string& name,
                 const std::optional<Expected>& expected) {
    if (files_ >= bounds_.files) {
        throw too_much("there are more than " + std::to_string(bounds_.files) + " files");
    }
    const std::uint64_t left = std::min(bounds_.file_bytes, bounds_.total_bytes - bytes_);
    if (expected && expected->size > left) {
        throw too_much(core::escaped(url) + " has " + std::to_string(expected->size) + " bytes; " +
                       std::to_string(left) + " more are accepted");
    }
    const std::filesystem::path file = place_for(name);
    const http::Saved saved =
        refusing([&] { return client_.download(url, file, expected ? expected->size : left); });
    ++files_;
    bytes_ += saved.size;
    if (expected && (saved.digest != expected->digest || saved.size != expected->size)) {
        throw core::Refused(reason::download_mismatch,
                            core::escaped(url) +
                                " is not the file that the repository's index "
                                "describes: its SHA-256 is " +
                                saved.digest.hex() + ", not " + expected->digest.hex(),
                            "Make the repository's index anew.");
    }
    check_content(file, saved);
}

void Basket::check_content(const std::filesystem::path& file, const http::Saved& saved) {
    const Content content = content_of_file(file);
    if (content == Content::web_page || content == Content::other) {
        throw core::Refused(
            reason::download_content,
            core::escaped(saved.url.text()) + " is " + std::string(description(content)),
            "Check the URL in a browser that is not logged in.");
    }
    if (content == Content::archive) archive_ = file;
}

std::optional<std::filesystem::path> Basket::archive() const {
    if (files_ != 1 || archive_.empty()) return std::nullopt;
    return archive_;
}

std::string Basket::read(const std::string& url, std::uint64_t limit) {
    auto text = read_if_there(url, limit);
    if (text) return std::move(*text);
    throw core::Refused(reason::download_failed,
                        core::escaped(url) + ": the server says that there is no such file",
                        "Check that the URL can be downloaded.");
}

std::optional<http::Saved> Basket::save_if_there(const std::string& url,
                                                 const std::filesystem::path& file,
                                                 std::uint64_t limit) {
    try {
        return client_.download(url, file, limit);
    } catch (const http::StatusFailure& failure) {
        if (failure.status() == 404 || failure.status() == 410) return std::nullopt;
        throw refused(failure);
    } catch (const http::Failure& failure) {
        throw refused(failure);
    }
}

std::optional<std::string> Basket::read_if_there(const std::string& url, std::uint64_t limit) {
    const std::filesystem::path file = directory_ / ".index";
    if (!save_if_there(url, file, limit)) return std::nullopt;
    std::string text = core::read_file(file, limit);
    std::filesystem::remove(file);
    return text;
}

std::optional<core::File> Basket::index(const std::string& url, const Expected& expected) {
    if (expected.size > bounds_.indexes.bytes) {
        throw too_large_index(url,
                              "it has " + std::to_string(expected.size) + " bytes; " +
                                  std::to_string(bounds_.indexes.bytes) + " are read",
                              "index_megabytes");
    }
    const std::filesystem::path file = directory_ / ".index";
    const auto saved = save_if_there(url, file, bounds_.indexes.bytes);
    if (!saved) return std::nullopt;
    std::optional<core::File> opened;
    if (saved->size == expected.size && saved->digest == expected.digest) {
        opened = core::File::open_to_read(file);
    }
    std::filesystem::remove(file);
    return opened;
}

IndexCell Basket::index_cell() const {
    IndexLimits limits = bounds_.indexes;
    limits.files = bounds_.files;
    return {cells_, limits};
}

std::string Basket::list(const std::string& url) {
    return refusing([&] { return client_.list(url, 1 << 20); });
}

}  // namespace fetch
