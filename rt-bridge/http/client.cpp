// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/client.hpp"

#include "core/model/text.hpp"
#include "rt-bridge/http/easy.hpp"

namespace http {
namespace {

void global_start() {
    static const CURLcode code = curl().global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw core::Error("libcurl does not start");
}

/// Appends to `body`; more than `limit` bytes are a Failure, whatever the headers announced.
void append_bounded(std::string& body, std::string_view bytes, std::uint64_t limit,
                    const Url& url) {
    if (bytes.size() > limit - body.size()) {
        throw Failure(Trouble::too_large, core::escaped(url.text()) +
                                              ": the answer is larger than " +
                                              std::to_string(limit) + " bytes");
    }
    body += bytes;
}

void add_header(Response& response, std::string_view line) {
    if (line.starts_with("HTTP/")) response.headers.clear();  // of an interim answer (1xx)
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || response.headers.size() > 200) return;
    response.headers[core::lower(line.substr(0, colon))] = core::trimmed(line.substr(colon + 1));
}

}  // namespace

Client::Client(Access access, Limits limits, std::filesystem::path authorities)
    : state_(std::make_unique<State>()) {
    global_start();
    state_->access = std::move(access);
    state_->limits = limits;
    state_->authorities = std::move(authorities);
    state_->handle.reset(curl().easy_init());
    if (!state_->handle) throw core::Error("libcurl makes no handle");
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

void Client::on_progress(Progress progress) {
    state_->progress = std::move(progress);
}

void Client::end_by(std::chrono::steady_clock::time_point time) {
    state_->end = time;
}

Response Client::send(const Request& request, std::uint64_t limit) {
    Response response;
    Transfer transfer;
    transfer.url = Url::parse(request.url);
    state_->access.check(transfer.url);
    transfer.method = request.method;
    transfer.headers = request.headers;
    transfer.body = request.body;
    transfer.deadline = deadline_of(*state_);
    transfer.header = [&](std::string_view line) { add_header(response, line); };
    transfer.received = [&](std::string_view bytes) {
        append_bounded(response.body, bytes, limit, transfer.url);
    };
    const Outcome outcome = run(*state_, transfer);
    if (outcome.code != CURLE_OK) throw failure_of(outcome, transfer);
    response.status = outcome.status;
    return response;
}

std::string Client::list(const std::string& url, std::uint64_t limit) {
    std::string names;
    Transfer transfer;
    transfer.url = Url::parse(url);
    state_->access.check(transfer.url);
    if (transfer.url.scheme != "ftp" || !transfer.url.path.ends_with('/')) {
        throw Failure(Trouble::forbidden, core::escaped(url) + " is no ftp directory");
    }
    transfer.names_only = true;
    transfer.deadline = deadline_of(*state_);
    transfer.received = [&](std::string_view bytes) {
        append_bounded(names, bytes, limit, transfer.url);
    };
    const Outcome outcome = run(*state_, transfer);
    if (outcome.code != CURLE_OK) throw failure_of(outcome, transfer);
    return names;
}

}  // namespace http
