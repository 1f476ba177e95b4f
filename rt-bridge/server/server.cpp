// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/server.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/server/connections.hpp"
#include "rt-bridge/server/listening_socket.hpp"
#include "rt-bridge/server/response.hpp"

namespace server {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{250};  // at who is late
constexpr std::chrono::milliseconds full_interval{20};   // at whether there is room again

/// A body that is too long is read up to here, so that its sender sees the answer.
constexpr std::uint64_t most_discarded = 4 << 20;

/// Of one request, from its line to the end of its answer.
struct Exchange {
    std::string target;
    bool has_head = false;
    std::string body;
    std::uint64_t received = 0;
    int status = 0;  // other than 0: what is answered without asking the handler
};

int socket_of(MHD_Connection* connection) {
    return mhd().get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

std::string_view header_of(MHD_Connection* connection, const char* name) {
    const char* value = mhd().lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value == nullptr ? std::string_view() : value;
}

bool has_header(MHD_Connection* connection, const char* name) {
    return mhd().lookup_connection_value(connection, MHD_HEADER_KIND, name) != nullptr;
}

MHD_Result add_header(void* headers, MHD_ValueKind, const char* name, const char* value) {
    static_cast<Headers*>(headers)->emplace_back(name, value == nullptr ? "" : value);
    return MHD_YES;
}

/// Escapes are ours to read: libmicrohttpd ends a path at %00.
std::size_t leave_escaped(void*, MHD_Connection*, char* text) {
    return std::strlen(text);
}

}  // namespace

struct Server::Running {
    Running(const std::string& host, int port, Limits limits_in, Handler handler_in);
    ~Running();

    MHD_Daemon* start();
    void* begin(const char* target, MHD_Connection* connection);
    MHD_Result take(MHD_Connection* connection, const char* method, const char* data,
                    std::size_t* size, Exchange& exchange);
    bool take_head(MHD_Connection* connection, std::string_view method, Exchange& exchange) const;
    MHD_Result answer(MHD_Connection* connection, const char* method, Exchange& exchange);
    Answer ask(MHD_Connection* connection, const char* method, Exchange& exchange) const;
    void accept();
    void accept_waiting();
    bool wait(bool for_clients, std::chrono::milliseconds time);

    const Limits limits;
    const Handler handler;
    Listening listening;
    KernelSockets sockets;
    Connections connections;
    AnswerMemory memory;
    core::File stop;
    std::atomic<bool> stopping = false;
    MHD_Daemon* daemon = nullptr;
    std::thread thread;
};

namespace {

/// What libmicrohttpd calls. Exceptions must not go through it.
template <class Function>
MHD_Result guarded(Function function) noexcept {
    try {
        return function();
    } catch (...) {
        return MHD_NO;  // no memory: the connection ends
    }
}

}  // namespace

Server::Running::Running(const std::string& host, int port, Limits limits_in, Handler handler_in)
    : limits(std::move(limits_in)),
      handler(std::move(handler_in)),
      listening(listen_on(host, port)),
      connections(limits, sockets),
      memory(limits.answers_in_memory),
      stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop.descriptor() < 0) throw core::system_error("cannot make an eventfd");
    daemon = start();
    thread = std::thread([this] { accept(); });
}

Server::Running::~Running() {
    stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop.descriptor(), &one, sizeof one);
    thread.join();
    mhd().stop_daemon(daemon);
}

MHD_Daemon* Server::Running::start() {
    const auto on_line = [](void* self, const char* target, MHD_Connection* connection) {
        return static_cast<Running*>(self)->begin(target, connection);
    };
    const auto on_connection = [](void* self, MHD_Connection* connection, void**,
                                  MHD_ConnectionNotificationCode code) {
        Connections& table = static_cast<Running*>(self)->connections;
        const int socket = socket_of(connection);
        code == MHD_CONNECTION_NOTIFY_STARTED ? table.begun(socket) : table.gone(socket);
    };
    const auto on_request = [](void* self, MHD_Connection* connection, const char*,
                               const char* method, const char*, const char* data, std::size_t* size,
                               void** exchange) {
        return guarded([&] {
            if (*exchange == nullptr) return MHD_NO;
            return static_cast<Running*>(self)->take(connection, method, data, size,
                                                     *static_cast<Exchange*>(*exchange));
        });
    };
    const auto on_end = [](void* self, MHD_Connection* connection, void** exchange,
                           MHD_RequestTerminationCode) {
        delete static_cast<Exchange*>(std::exchange(*exchange, nullptr));
        static_cast<Running*>(self)->connections.waits(socket_of(connection), Steady::now());
    };
    // Its own limit is never met: those that we ended are still there for a moment.
    const auto most = static_cast<unsigned>(2 * limits.connections + limits.threads);
    MHD_Daemon* started = mhd().start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET, 0, nullptr, nullptr,
        static_cast<MHD_AccessHandlerCallback>(on_request), this,  //
        MHD_OPTION_URI_LOG_CALLBACK,
        static_cast<void* (*)(void*, const char*, MHD_Connection*)>(on_line), this,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, nullptr,  //
        MHD_OPTION_NOTIFY_CONNECTION, static_cast<MHD_NotifyConnectionCallback>(on_connection),
        this, MHD_OPTION_NOTIFY_COMPLETED, static_cast<MHD_RequestCompletedCallback>(on_end), this,
        MHD_OPTION_CONNECTION_LIMIT, most,                //
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.head,  //
        MHD_OPTION_CONNECTION_TIMEOUT, 0u,                //
        MHD_OPTION_THREAD_POOL_SIZE, limits.threads, MHD_OPTION_END);
    if (started == nullptr) throw core::system_error("cannot start the HTTP server");
    return started;
}

/// The request line has come.
void* Server::Running::begin(const char* target, MHD_Connection* connection) {
    connections.receives(socket_of(connection), Steady::now());
    try {
        auto exchange = std::make_unique<Exchange>();
        exchange->target = target == nullptr ? "" : target;
        return exchange.release();
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

/// Called with the head, then with pieces of the body, then with nothing more.
MHD_Result Server::Running::take(MHD_Connection* connection, const char* method, const char* data,
                                 std::size_t* size, Exchange& exchange) {
    // A thread looks whether it is to end when all that wait have had their turn.
    if (stopping) return MHD_NO;
    if (!exchange.has_head) {
        exchange.has_head = true;
        return take_head(connection, method, exchange) ? MHD_YES
                                                       : answer(connection, method, exchange);
    }
    if (*size == 0) return answer(connection, method, exchange);
    exchange.received += *size;
    if (exchange.received > most_discarded) return MHD_NO;
    if (exchange.status == 0) exchange.body.append(data, *size);
    if (exchange.body.size() > limits.body) return MHD_NO;  // longer than it said
    *size = 0;
    return MHD_YES;
}

/// True if the rest of the request is to be read. An answer before that ends the connection, so
/// that no byte of a body is ever taken for a request.
bool Server::Running::take_head(MHD_Connection* connection, std::string_view method,
                                Exchange& exchange) const {
    const std::string_view length = header_of(connection, "Content-Length");
    const bool chunked = has_header(connection, "Transfer-Encoding");
    if (limits.body == 0 || method == "GET" || method == "HEAD") {
        return !chunked && (length.empty() || length == "0");
    }
    const auto size = core::whole_number(length);
    if (!size || chunked || has_header(connection, "Content-Encoding")) {
        exchange.status = 411;
        return false;
    }
    if (*size > limits.body) exchange.status = 413;
    return *size <= limits.body || (*size <= most_discarded && !has_header(connection, "Expect"));
}

MHD_Result Server::Running::answer(MHD_Connection* connection, const char* method,
                                   Exchange& exchange) {
    const Made made = make_response(ask(connection, method, exchange), memory, limits.keep_alive);
    connections.answers(socket_of(connection), Steady::now());
    return mhd().queue_response(connection, made.status, made.response.get());
}

Answer Server::Running::ask(MHD_Connection* connection, const char* method,
                            Exchange& exchange) const {
    if (exchange.status != 0) return {exchange.status, {}, {}};
    try {
        Request request{method, exchange.target, {}, std::move(exchange.body)};
        mhd().get_connection_values(connection, MHD_HEADER_KIND, add_header, &request.headers);
        return handler(request);
    } catch (const std::exception&) {
        return {500, {}, {}};  // what it was is not for strangers
    }
}

/// Until stop: takes who comes, and ends who is late.
void Server::Running::accept() {
    Time next = Steady::now();
    bool for_clients = true;
    while (wait(for_clients, for_clients ? look_interval : full_interval)) {
        if (for_clients) accept_waiting();
        if (const Time now = Steady::now(); now >= next) {
            connections.end_late(now);
            next = now + look_interval;
        }
        for_clients = connections.has_room(Steady::now());
    }
}

/// A few, so that time does not stand still while many come.
void Server::Running::accept_waiting() {
    for (int i = 0; i < 64; ++i) {
        const Time now = Steady::now();
        if (!connections.has_room(now)) return;
        const auto accepted = accept_one(listening.socket.descriptor());
        if (!accepted) {
            if (errno != EAGAIN) wait(false, full_interval);  // no descriptors are left
            return;
        }
        const auto* address = reinterpret_cast<const sockaddr*>(&accepted->address);
        if (!connections.admit(accepted->socket,
                               http::Address::from(*address).value_or(http::Address{}), now)) {
            ::close(accepted->socket);
            continue;
        }
        hold_little_back(accepted->socket);
        const int socket = accepted->socket;
        if (mhd().add_connection(daemon, socket, address, accepted->size) != MHD_YES) {
            connections.gone(socket);  // it was closed
        }
    }
}

/// False if it is to stop.
bool Server::Running::wait(bool for_clients, std::chrono::milliseconds time) {
    std::array<pollfd, 2> events{
        {{stop.descriptor(), POLLIN, 0}, {listening.socket.descriptor(), POLLIN, 0}}};
    ::poll(events.data(), for_clients ? 2 : 1, static_cast<int>(time.count()));
    return events[0].revents == 0;
}

Server::Server(const std::string& host, int port, Limits limits, Handler handler)
    : running_(std::make_unique<Running>(host, port, std::move(limits), std::move(handler))) {}

Server::~Server() = default;

int Server::port() const {
    return running_->listening.port;
}

}  // namespace server
