// SPDX-License-Identifier: GPL-3.0-or-later
// A Request Tracker on the wire: the part of REST2 that the bridge uses, over a real socket, for
// the tickets of a FakeRt. Each exchange can be spoilt, to the byte.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

#include "tests/rt-bridge/bridge/fake_rt.hpp"

namespace tests {

/// What goes wrong with one exchange.
struct Fault {
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    std::size_t request_bytes = none;    // the connection ends when so many have come, unread …
    std::size_t answer_bytes = none;     // … when so many were sent, and all has happened
    std::size_t changes = none;          // only so many of the changes of a PUT are made …
    int status = 0;                      // … and this is the answer, with an empty body
    std::chrono::milliseconds delay{0};  // before the answer, after the changes
    bool twice = false;                  // the answer is sent two times
};

/// How the end of an answer is marked.
enum class Framing { length, chunks, close };

/// The sizes of an exchange that went well.
struct Exchange {
    std::string what;  // "PUT /ticket/1"
    std::size_t request = 0;
    std::size_t answer = 0;
};

/// While it lives, the thread that made it and those that this one starts share a processor. Two
/// that take turns lose a third of their time if each turn has to wake another processor.
class OneProcessor {
  public:
    OneProcessor();
    ~OneProcessor();
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;

  private:
    cpu_set_t before_;
};

class WireRt {
  public:
    /// Serves until it is destroyed. `fault` is asked once for each request, in the thread that
    /// serves them; nothing else is done by that thread while the client works.
    explicit WireRt(bridge::FakeRt& rt, std::function<Fault()> fault = {},
                    Framing framing = Framing::length);
    ~WireRt();
    WireRt(const WireRt&) = delete;
    WireRt& operator=(const WireRt&) = delete;

    std::string url() const;

    /// A client of it that believes an answer lost after `patience`.
    std::unique_ptr<rt::Rest2> client(
        std::chrono::milliseconds patience = std::chrono::seconds(20)) const;

    /// Whole requests and answers so far, and every change that they made, in order.
    std::vector<Exchange> exchanges();
    std::vector<std::string> changes();

  private:
    struct Request {
        std::string method;
        std::string path;
        std::map<std::string, std::string> query;
        std::string body;
        std::size_t size = 0;
    };
    struct Answer {
        int status = 200;
        nlohmann::json body;
    };

    void serve();
    bool exchange(int connection);
    std::string text_of(const Answer& answer, bool empty) const;
    Answer answer_to(const Request& request, std::size_t most_changes);
    Answer ticket(rt::TicketId id) const;
    Answer change(rt::TicketId id, const nlohmann::json& wanted, std::size_t most);
    Answer listing(rt::TicketId id) const;
    Answer transactions(const Request& request) const;
    Answer group(std::uint64_t id) const;
    std::uint64_t group_number(const std::string& name) const;

    const OneProcessor one_processor_;
    bridge::FakeRt& rt_;
    std::function<Fault()> fault_;
    Framing framing_;
    int listener_ = -1;
    int stop_[2] = {-1, -1};
    int port_ = 0;
    std::mutex mutex_;
    std::vector<Exchange> exchanges_;
    std::vector<std::string> changes_;
    std::vector<int> connections_;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace tests
