// SPDX-License-Identifier: GPL-3.0-or-later
// One transfer of libcurl under our rules. Private to this folder, as is libcurl itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "rt-bridge/http/client.hpp"
#include "rt-bridge/http/curl.hpp"

namespace http {

using Deadline = std::chrono::steady_clock::time_point;

struct EasyCleanup {
    void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;
using HeaderList = std::unique_ptr<curl_slist, EasyCleanup>;

struct Client::State {
    Access access;
    Limits limits;
    std::filesystem::path authorities;
    Progress progress;
    Deadline end = Deadline::max();
    EasyHandle handle;
};

/// What a transfer is to do; the functions are called while it runs and may throw.
struct Transfer {
    Url url;
    std::string method = "GET";
    Headers headers;
    std::string_view body;                                 // sent if the method has one
    std::function<void(std::string_view line)> header;     // each line, status lines too
    std::function<void(std::string_view bytes)> received;  // the body
    std::function<void(std::uint64_t total)> progress;
    Deadline deadline;
    bool names_only = false;  // ftp: list the directory
};

struct Outcome {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string redirect;  // where a 3xx points, absolute; empty: nowhere
    std::string text;      // libcurl's words for an unsuccessful code
};

/// Runs one transfer. Throws what the functions threw, and Failure (forbidden) if the host has an
/// address that is not permitted; other troubles are in the outcome.
Outcome run(Client::State& state, const Transfer& transfer);

/// The Failure that an unsuccessful outcome means.
Failure failure_of(const Outcome& outcome, const Transfer& transfer);

Deadline deadline_of(const Client::State& state);

}  // namespace http
