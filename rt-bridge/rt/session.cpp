// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/session.hpp"

#include <algorithm>

#include "core/model/base64.hpp"
#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/rt/json.hpp"

namespace rt {
namespace {

using nlohmann::json;

constexpr std::size_t per_page = 100;  // RT gives no more

constexpr int most_pages = 500;            // of a listing
constexpr std::uint64_t most_answers = 4;  // of whose bytes a listing has room

/// What RT says of a failure, if it says anything.
std::string words_of(const http::Response& response) {
    try {
        const std::string text = text_of(parse_answer(response.body, "it"), "message");
        return text.empty() ? "" : ": " + core::escaped(std::string_view(text).substr(0, 300));
    } catch (const core::Error&) {
        return "";  // a page for people, or for nobody
    }
}

[[noreturn]] void fail(const http::Response& response, const std::string& what) {
    const std::string answer =
        what + ": RT answered " + std::to_string(response.status) + words_of(response);
    if (response.status == 401 || (response.status >= 300 && response.status < 400)) {
        throw core::Error(answer +
                          "; it does not take the credentials of our account, or its web "
                          "server keeps the header Authorization from it");
    }
    if (response.status == 403) throw core::Error(answer + "; our account lacks a right");
    throw core::Error(answer);
}

json content_of(const http::Response& response, const std::string& what) {
    if (response.status != 200) fail(response, what);
    return parse_answer(response.body, what);
}

/// "?a=b&c=d", encoded; empty for none.
std::string query_text(const Query& query) {
    std::string text;
    for (const auto& [name, value] : query) {
        text += (text.empty() ? "?" : "&") + core::percent_encoded(name) + "=" +
                core::percent_encoded(value);
    }
    return text;
}

}  // namespace

std::string ticket_path(TicketId id) {
    return "/ticket/" + std::to_string(id);
}

std::string in_apostrophes(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

Session::Session(http::Client& client, const Rest2Settings& settings)
    : client_(client), settings_(settings) {}

http::Headers Session::authorization() const {
    if (has_token()) return {{"Authorization", "token " + settings_.token}};
    return {
        {"Authorization", "Basic " + core::to_base64(settings_.user + ":" + settings_.password)}};
}

http::Response Session::request(const std::string& method, const std::string& path,
                                const json* body, std::uint64_t limit) {
    http::Request request{method, settings_.url + "/REST/2.0" + path, authorization(), {}};
    request.headers.emplace_back("Accept", "application/json");
    if (body != nullptr) {
        request.headers.emplace_back("Content-Type", "application/json");
        // Bytes that are not UTF-8 would be RT's status 500 without a word.
        request.body = body->dump(-1, ' ', false, json::error_handler_t::replace);
    }
    return client_.send(request, limit);
}

json Session::get(const std::string& path, const Query& query, std::uint64_t limit) {
    return content_of(request("GET", path + query_text(query), nullptr,
                              limit == 0 ? settings_.largest_answer : limit),
                      "GET " + path);
}

std::optional<json> Session::get_if_there(const std::string& path, const Query& query) {
    const http::Response response =
        request("GET", path + query_text(query), nullptr, settings_.largest_answer);
    if (response.status == 404) return std::nullopt;
    return content_of(response, "GET " + path);
}

std::optional<json> Session::find(const std::string& path, const Query& query) {
    const http::Response response =
        request("GET", path + query_text(query), nullptr, settings_.largest_answer);
    if (response.status == 404 || response.status == 403) return std::nullopt;
    return content_of(response, "GET " + path);
}

json Session::put(const std::string& path, const json& body) {
    return content_of(request("PUT", path, &body, settings_.largest_answer), "PUT " + path);
}

json Session::search(const std::string& path, const json& body) {
    return content_of(request("POST", path, &body, settings_.largest_answer), "POST " + path);
}

void Session::create(const std::string& path, const json& body) {
    const http::Response response = request("POST", path, &body, settings_.largest_answer);
    if (response.status != 201) fail(response, "POST " + path);
}

void Session::each_item(const std::string& path, Query query, int empty_pages, std::size_t most,
                        const std::function<void(const json&)>& visit) {
    query.emplace_back("per_page", std::to_string(per_page));
    query.emplace_back("page", "");
    std::uint64_t left = most_answers * settings_.largest_answer;
    std::size_t count = 0;
    int empty = 0;
    for (int page = 1; empty < empty_pages && count < most; ++page) {
        if (page > most_pages) {
            throw core::Error("GET " + path + ": RT's listing has more than " +
                              std::to_string(most_pages) + " pages");
        }
        query.back().second = std::to_string(page);
        const http::Response response = request("GET", path + query_text(query), nullptr,
                                                std::min(left, settings_.largest_answer));
        left -= response.body.size();
        const json answer = content_of(response, "GET " + path);
        const json& list = list_of(answer, "items");
        if (list.size() > per_page) {
            throw core::Error("GET " + path + ": RT's page has " + std::to_string(list.size()) +
                              " items, where " + std::to_string(per_page) + " were asked for");
        }
        for (const json& item : list) visit(item);
        empty = list.empty() ? empty + 1 : 0;
        count += list.size();
    }
}

std::optional<http::Saved> Session::file(const std::string& path, const std::filesystem::path& file,
                                         std::uint64_t limit) {
    if (!has_token()) return std::nullopt;
    try {
        return client_.download(settings_.url + path, file, limit, authorization());
    } catch (const http::StatusFailure&) {
        return std::nullopt;
    }
}

const std::string& Session::own_name() {
    if (!own_name_.empty()) return own_name_;
    if (!has_token()) return own_name_ = settings_.user;
    // "1-<user id>-<secret>"
    const auto parts = core::split(settings_.token, "-");
    if (parts.size() < 3) throw core::Error("the token is not one of RT's");
    own_name_ = text_of(get("/user/" + core::percent_encoded(parts[1])), "Name");
    if (own_name_.empty()) throw core::Error("RT does not tell the name of our account");
    return own_name_;
}

}  // namespace rt
