// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to RT's REST2 (https://docs.bestpractical.com/rt/5.0/RT/REST2.html) with our
// credentials, and what their status means. URLs are built from the configured address and ids,
// never taken from an answer. Private to this folder.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rt-bridge/http/client.hpp"
#include "rt-bridge/rt/rest2.hpp"

namespace rt {

using Query = std::vector<std::pair<std::string, std::string>>;

std::string ticket_path(TicketId id);

/// For a value between apostrophes in RT's query language, where doubling them is a syntax error.
std::string in_apostrophes(std::string_view value);

class Session {
  public:
    Session(http::Client& client, const Rest2Settings& settings);

    /// `limit`: of bytes, if it is not that of all answers.
    nlohmann::json get(const std::string& path, const Query& query = {}, std::uint64_t limit = 0);

    /// As get(). nullopt: it does not exist, as far as this answer goes.
    std::optional<nlohmann::json> get_if_there(const std::string& path, const Query& query);

    /// nullopt: it does not exist, or is not for us to see.
    std::optional<nlohmann::json> find(const std::string& path, const Query& query = {});

    nlohmann::json put(const std::string& path, const nlohmann::json& body);

    /// A search that is sent as a document.
    nlohmann::json search(const std::string& path, const nlohmann::json& body);

    /// Makes something new; the answer must be 201.
    void create(const std::string& path, const nlohmann::json& body);

    /// Hands the items of a listing to `visit`, page by page, until there were `most`. RT leaves
    /// out what we may not see after it has cut the pages, so a page may be short or empty though
    /// more follow: `empty_pages` in a row are taken for the end. All pages together may have the
    /// bytes of four answers.
    void each_item(const std::string& path, Query query, int empty_pages, std::size_t most,
                   const std::function<void(const nlohmann::json&)>& visit);

    /// A file from RT's web pages, which take the token too; nullopt if they do not.
    std::optional<http::Saved> file(const std::string& path, const std::filesystem::path& file,
                                    std::uint64_t limit);

    /// The name of the account we are.
    const std::string& own_name();

    bool has_token() const { return !settings_.token.empty(); }

  private:
    http::Response request(const std::string& method, const std::string& path,
                           const nlohmann::json* body, std::uint64_t limit);
    http::Headers authorization() const;

    http::Client& client_;
    const Rest2Settings& settings_;
    std::string own_name_;
};

}  // namespace rt
