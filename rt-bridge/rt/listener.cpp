// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/rt/listener.hpp"

#include <httplib.h>
#include <thread>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace rt {
struct Listener::Server {
    Server(const Webhook& webhook_in, ListenerHooks hooks_in)
        : webhook(webhook_in), hooks(std::move(hooks_in)) {}

    void configure() {
        http.set_payload_max_length(largest_hook_body);
        http.set_read_timeout(5);
        http.set_write_timeout(5);
        http.set_keep_alive_max_count(1);
        // httplib would share the port with another process that listens there (SO_REUSEPORT).
        http.set_socket_options([](socket_t socket) {
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        // A stranger who drips (slow loris) holds one thread for a few seconds; eight are enough
        // for RT.
        http.new_task_queue = [] { return new httplib::ThreadPool(8); };
        // httplib bounds a body by the length that is said before, and by no other.
        http.set_pre_routing_handler([](const auto& request, auto& response) {
            const bool none = request.method == "GET" || request.method == "HEAD";
            if (none ||
                (request.has_header("Content-Length") && !request.has_header("Transfer-Encoding") &&
                 !request.has_header("Content-Encoding"))) {
                return httplib::Server::HandlerResponse::Unhandled;
            }
            response.status = 411;
            return httplib::Server::HandlerResponse::Handled;
        });
        http.Post("/hook",
                  [this](const auto& request, auto& response) { hook(request, response); });
        http.Get("/release",
                 [this](const auto& request, auto& response) { release(request, response); });
        http.Get("/healthz", [this](const auto&, auto& response) {
            const ListenerHooks::Health health = hooks.health();
            response.status = health.good ? 200 : 503;
            response.set_content(health.text + "\n", "text/plain");
        });
        http.Get("/metrics", [this](const auto&, auto& response) {
            response.set_content(hooks.metrics(), "text/plain; version=0.0.4");
        });
        http.set_exception_handler([](const auto&, auto& response, const std::exception_ptr&) {
            response.status = 500;  // httplib would tell the stranger what() it was
        });
    }

    bool is_authentic(const httplib::Request& request, std::string_view text) const {
        return webhook.is_authentic(request.get_header_value("X-Sluice-Timestamp"),
                                    request.get_header_value("X-Sluice-Signature"), text);
    }

    void hook(const httplib::Request& request, httplib::Response& response) {
        const bool authentic = is_authentic(request, request.body);
        response.status = authentic ? 200 : 401;
        if (authentic) hooks.hint();
    }

    void release(const httplib::Request& request, httplib::Response& response) {
        // What was signed is what follows the address in the configuration of RT's plugin.
        if (!is_authentic(request, std::string_view(request.target).substr(1))) {
            response.status = 401;
            return;
        }
        const auto ticket = core::whole_number(request.get_param_value("ticket"));
        const auto json = hooks.release(ticket.value_or(0));
        response.status = json ? 200 : 404;
        if (json) response.set_content(*json, "application/json");
    }

    const Webhook& webhook;
    ListenerHooks hooks;
    httplib::Server http;
    int port = 0;
    std::thread thread;
};

Listener::Listener(const std::string& address, int port, const Webhook& webhook,
                   ListenerHooks hooks)
    : server_(std::make_unique<Server>(webhook, std::move(hooks))) {
    server_->configure();
    if (port == 0) {
        server_->port = server_->http.bind_to_any_port(address);
    } else {
        server_->port = server_->http.bind_to_port(address, port) ? port : -1;
    }
    if (server_->port <= 0) {
        throw core::Error("cannot listen on " + address + " port " + std::to_string(port));
    }
    server_->thread = std::thread([server = server_.get()] { server->http.listen_after_bind(); });
    while (!server_->http.is_running()) std::this_thread::yield();
}

Listener::~Listener() {
    server_->http.stop();
    server_->thread.join();
}

int Listener::port() const {
    return server_->port;
}

}  // namespace rt
