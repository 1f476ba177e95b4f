// SPDX-License-Identifier: GPL-3.0-or-later
// serve: the public tree over HTTP until SIGINT or SIGTERM.
#include <csignal>
#include <fmt/format.h>
#include <thread>

#include "core/model/text.hpp"
#include "core/store/depot.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/report.hpp"
#include "rt-bridge/command_line/static_files.hpp"

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

int serve(const Commands& commands, const Address& address) {
    const core::SystemClock clock;
    const core::Depot depot = core::open_depot(commands.depot, clock);

    // Blocked before any thread starts, so that only the waiting thread gets them.
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    StaticFiles files(depot.layout.public_tree());
    const int port = files.bind(address.host, address.port);
    const std::string url = fmt::format("http://{}:{}", address.host, port);
    if (commands.json) {
        print({{"url", url}});
    } else {
        fmt::print("serving {} on {} until interrupted\n", depot.layout.public_tree().string(),
                   url);
    }
    flush_output();
    const std::jthread waiting([&] {
        int signal = 0;
        ::sigwait(&signals, &signal);
        files.stop();
    });
    files.run();
    return 0;
}

}  // namespace

void add_serve(Commands& commands) {
    const auto listen = std::make_shared<std::string>("127.0.0.1:8080");
    CLI::App& command =
        commands.add("serve", "Serve the public tree over HTTP, for a first look and for tests");
    command.add_option("--listen", *listen, "HOST:PORT; port 0 is any free one")
        ->capture_default_str();
    command.callback([&commands, listen] {
        const Address address = parse_address(*listen);
        commands.action = [&commands, address] { return serve(commands, address); };
    });
}

}  // namespace command_line
