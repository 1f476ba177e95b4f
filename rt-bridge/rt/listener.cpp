// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/listener.hpp"

#include "core/model/text.hpp"
#include "rt-bridge/server/server.hpp"

namespace rt {
namespace {

using server::Answer;
using server::Request;

server::Limits limits_of(std::vector<std::string> trusted_proxies) {
    server::Limits limits;
    limits.body = largest_hook_body;
    limits.keep_alive = false;  // who asks for something small leaves room for others
    limits.trusted_proxies = std::move(trusted_proxies);
    return limits;
}

Answer text(int status, std::string body, std::string type = "text/plain") {
    return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}

}  // namespace

struct Listener::Server {
    Server(const std::string& address, int port, const Webhook& webhook_in, ListenerHooks hooks_in,
           std::vector<std::string> trusted_proxies)
        : webhook(webhook_in),
          hooks(std::move(hooks_in)),
          http(address, port, limits_of(std::move(trusted_proxies)),
               [this](const Request& request) { return answer(request); }) {}

    Answer answer(const Request& request) const {
        const std::string path = request.path();
        if (request.method == "POST") {
            return path == "/hook" ? hook(request) : Answer{404, {}, {}};
        }
        if (request.method != "GET" && request.method != "HEAD") return {404, {}, {}};
        if (path == "/release") return release(request);
        if (path == "/healthz") {
            const ListenerHooks::Health health = hooks.health();
            return text(health.good ? 200 : 503, health.text + "\n");
        }
        if (path == "/metrics") return text(200, hooks.metrics(), "text/plain; version=0.0.4");
        return {404, {}, {}};
    }

    bool is_authentic(const Request& request, std::string_view signed_text) const {
        return webhook.is_authentic(request.header("X-Sluice-Timestamp"),
                                    request.header("X-Sluice-Signature"), signed_text);
    }

    Answer hook(const Request& request) const {
        if (!is_authentic(request, request.body)) return {401, {}, {}};
        hooks.hint();
        return {200, {}, {}};
    }

    Answer release(const Request& request) const {
        // What was signed is what follows the address in the configuration of RT's plugin.
        const std::string_view target = request.target;
        if (!is_authentic(request, target.substr(1))) return {401, {}, {}};
        const auto ticket = core::whole_number(request.parameter("ticket").value_or(""));
        auto json = hooks.release(ticket.value_or(0));
        if (!json) return {404, {}, {}};
        return text(200, *std::move(json), "application/json");
    }

    const Webhook& webhook;
    ListenerHooks hooks;
    server::Server http;  // last: its threads use all the others
};

Listener::Listener(const std::string& address, int port, const Webhook& webhook,
                   ListenerHooks hooks, std::vector<std::string> trusted_proxies)
    : server_(std::make_unique<Server>(address, port, webhook, std::move(hooks),
                                       std::move(trusted_proxies))) {}

Listener::~Listener() = default;

int Listener::port() const {
    return server_->http.port();
}

}  // namespace rt
