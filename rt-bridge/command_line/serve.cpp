// SPDX-License-Identifier: GPL-3.0-or-later
// serve: the public tree over HTTP until SIGINT or SIGTERM.
#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include "core/model/text.hpp"
#include "core/store/depot.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/report.hpp"
#include "rt-bridge/command_line/static_files.hpp"
#include "rt-bridge/server/server.hpp"

namespace command_line {
namespace {

struct Address {
    std::string host;
    int port = 0;
};

Address parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : core::whole_number<std::uint16_t>(text.substr(colon + 1));
    if (!port) throw CLI::ValidationError("--listen", "'" + text + "' is not HOST:PORT");
    Address address{text.substr(0, colon), *port};
    if (address.host.size() > 1 && address.host.front() == '[') {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    return address;
}

/// More than for the bridge: clients keep connections open, and dnf has many at a time.
server::Limits limits_of(const std::vector<std::string>& proxies) {
    server::Limits limits;
    limits.connections = 768;
    limits.connections_of_address = 64;
    limits.trusted_proxies = proxies;
    limits.threads = 8;  // a cold disk keeps one of them
    return limits;
}

/// Each connection may have a file open; and those that were ended are there for a moment.
void allow_open_files(std::size_t count) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, count));
    ::setrlimit(RLIMIT_NOFILE, &limit);
    core::expect_open_files(static_cast<int>(count));
}

/// What a burst of lists took goes back, where other commands keep it for the next shard.
void give_memory_back() {
    ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
    ::mallopt(M_ARENA_MAX, 2);
}

int serve(const Commands& commands, const Address& address,
          const std::vector<std::string>& proxies) {
    give_memory_back();
    const core::SystemClock clock;
    const core::Depot depot = core::open_depot(commands.depot, clock);

    // Blocked before any thread starts, so that only this one gets them.
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const StaticFiles files(depot.layout.public_tree());
    const server::Limits limits = limits_of(proxies);
    allow_open_files(4 * limits.connections);
    const server::Server server(
        address.host, address.port, limits,
        [&files](const server::Request& request) { return files.answer(request); });
    const std::string url = fmt::format("http://{}:{}", address.host, server.port());
    if (commands.json) {
        print({{"url", url}});
    } else {
        say("serving {} on {} until interrupted\n", depot.layout.public_tree().string(), url);
    }
    flush_output();
    int signal = 0;
    ::sigwait(&signals, &signal);
    return 0;
}

}  // namespace

void add_serve(Commands& commands) {
    const auto listen = std::make_shared<std::string>("127.0.0.1:8080");
    CLI::App& command =
        commands.add("serve", "Serve the public tree over HTTP, for a first look and for tests");
    command.add_option("--listen", *listen, "HOST:PORT; port 0 is any free one")
        ->capture_default_str();
    const auto proxies = std::make_shared<std::vector<std::string>>();
    command.add_option("--trusted-proxies", *proxies,
                       "addresses or networks whose connections are many clients'; from any other "
                       "there are 64 at most");
    command.callback([&commands, listen, proxies] {
        const Address address = parse_address(*listen);
        commands.action = [&commands, address, proxies] {
            return serve(commands, address, *proxies);
        };
    });
}

}  // namespace command_line
