// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/easy.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <sys/socket.h>
#include <unistd.h>

#include "core/model/text.hpp"

namespace http {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// What the C callbacks share with run(). Exceptions must not pass through libcurl: they wait here.
struct Running {
    const Client::State& state;
    const Transfer& transfer;
    std::exception_ptr thrown;
    std::string refused_address;
};

template <class Action>
bool guarded(Running& running, Action&& action) {
    try {
        action();
        return true;
    } catch (...) {
        running.thrown = std::current_exception();
        return false;
    }
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* context) {
    auto& running = *static_cast<Running*>(context);
    const bool ok = guarded(running, [&] { running.transfer.received({bytes, size}); });
    return ok ? size : size + 1;  // anything but `size` stops the transfer
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* context) {
    auto& running = *static_cast<Running*>(context);
    if (!running.transfer.header) return size;
    const bool ok = guarded(
        running, [&] { running.transfer.header(core::trimmed(std::string_view(bytes, size))); });
    return ok ? size : size + 1;
}

int on_progress(void* context, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
    auto& running = *static_cast<Running*>(context);
    if (!running.transfer.progress) return 0;
    const auto known = static_cast<std::uint64_t>(std::max<curl_off_t>(total, 0));
    return guarded(running, [&] { running.transfer.progress(known); }) ? 0 : 1;
}

/// Called for each connection, with the address that will really be connected to.
curl_socket_t on_socket(void* context, curlsocktype purpose, curl_sockaddr* peer) {
    auto& running = *static_cast<Running*>(context);
    const auto address = Address::from(peer->addr);
    if (purpose != CURLSOCKTYPE_IPCXN || !address || !running.state.access.permits(*address)) {
        running.refused_address = address ? address->text() : "an address of an unknown kind";
        return CURL_SOCKET_BAD;
    }
    return ::socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
    const CURLcode code = curl().easy_setopt(handle, option, value);
    if (code != CURLE_OK) {
        throw core::Error(std::string("libcurl refuses an option: ") + curl().easy_strerror(code));
    }
}

/// Only what the environment must not decide and what bounds the transfer.
void set_rules(CURL* handle, const Client::State& state, Running& running) {
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_PROXY, "");
    set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
    set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_UNRESTRICTED_AUTH, 0L);
    // RT takes a client that calls itself "Mozilla" for a browser and redirects it.
    set(handle, CURLOPT_USERAGENT, "sluice/1");
    // Host names are judged by is_public after resolution, so a cached connection is as good.
    set(handle, CURLOPT_OPENSOCKETFUNCTION, &on_socket);
    set(handle, CURLOPT_OPENSOCKETDATA, &running);
    if (!state.authorities.empty()) set(handle, CURLOPT_CAINFO, state.authorities.c_str());
}

void set_limits(CURL* handle, const Client::State& state, const Transfer& transfer) {
    const auto left =
        duration_cast<milliseconds>(transfer.deadline - std::chrono::steady_clock::now());
    // To libcurl 0 means "for ever", and it fetches what is near before it looks at the clock.
    if (left.count() <= 0) {
        throw Failure(Trouble::too_slow,
                      core::escaped(transfer.url.text()) + ": there was no time left for it");
    }
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(state.limits.connect.count()));
    set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(state.limits.slow_for.count()));
    set(handle, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(state.limits.slowest));
    set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(state.limits.slow_for.count()));
}

HeaderList set_headers(CURL* handle, const Transfer& transfer) {
    HeaderList list;
    // Without this libcurl asks before it sends more than a megabyte, and waits a second for RT.
    curl_slist* first = curl().slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : transfer.headers) {
        first = curl().slist_append(first, (name + ": " + value).c_str());
    }
    list.reset(first);
    set(handle, CURLOPT_HTTPHEADER, list.get());
    return list;
}

void set_request(CURL* handle, const Transfer& transfer, const std::string& url) {
    set(handle, CURLOPT_URL, url.c_str());
    set(handle, CURLOPT_DIRLISTONLY, transfer.names_only ? 1L : 0L);
    if (transfer.method == "GET") return;
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
    set(handle, CURLOPT_POSTFIELDS, transfer.body.data());
    set(handle, CURLOPT_CUSTOMREQUEST, transfer.method.c_str());
    // On a kept connection that ends without an answer libcurl sends the request again by itself,
    // though the peer may have acted on the first one. Its own connection is not kept either: an RT
    // has few workers, and each waits for whoever keeps one.
    if (transfer.method == "POST") {
        set(handle, CURLOPT_FRESH_CONNECT, 1L);
        set(handle, CURLOPT_FORBID_REUSE, 1L);
    }
}

void set_callbacks(CURL* handle, Running& running) {
    set(handle, CURLOPT_WRITEFUNCTION, &on_body);
    set(handle, CURLOPT_WRITEDATA, &running);
    set(handle, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle, CURLOPT_HEADERDATA, &running);
    set(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(handle, CURLOPT_XFERINFODATA, &running);
    set(handle, CURLOPT_NOPROGRESS, 0L);
}

std::string text_of(CURL* handle, CURLINFO which) {
    char* value = nullptr;
    return curl().easy_getinfo(handle, which, &value) == CURLE_OK && value != nullptr ? value : "";
}

}  // namespace

Outcome run(Client::State& state, const Transfer& transfer) {
    Running running{state, transfer, {}, {}};
    CURL* handle = state.handle.get();
    curl().easy_reset(handle);  // keeps the open connections
    set_rules(handle, state, running);
    set_limits(handle, state, transfer);
    set_callbacks(handle, running);
    const std::string url = transfer.url.text();
    set_request(handle, transfer, url);
    const HeaderList headers = set_headers(handle, transfer);
    std::array<char, CURL_ERROR_SIZE> text{};
    set(handle, CURLOPT_ERRORBUFFER, text.data());

    Outcome outcome;
    outcome.code = curl().easy_perform(handle);
    set(handle, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    if (running.thrown) std::rethrow_exception(running.thrown);
    if (outcome.code != CURLE_OK && !running.refused_address.empty()) {
        throw Failure(Trouble::forbidden, core::escaped(url) + ": the host is at " +
                                              running.refused_address +
                                              ", where downloads are not allowed to go");
    }
    curl().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome.status);
    outcome.redirect = text_of(handle, CURLINFO_REDIRECT_URL);
    outcome.text = text[0] != '\0' ? text.data() : curl().easy_strerror(outcome.code);
    return outcome;
}

Failure failure_of(const Outcome& outcome, const Transfer& transfer) {
    const std::string what =
        core::escaped(transfer.url.text()) + ": " + core::escaped(outcome.text);
    switch (outcome.code) {
        case CURLE_OPERATION_TIMEDOUT:
            return {Trouble::too_slow, what};
        case CURLE_UNSUPPORTED_PROTOCOL:
            return {Trouble::forbidden, what};
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_LOGIN_DENIED:
            return {Trouble::unreachable, what};
        default:
            return {Trouble::broken, what};
    }
}

Deadline deadline_of(const Client::State& state) {
    return std::min(state.end, std::chrono::steady_clock::now() + state.limits.total);
}

}  // namespace http
