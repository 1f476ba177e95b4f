// SPDX-License-Identifier: GPL-3.0-or-later
// Requests and downloads within limits of size, time and place.
//
// Nothing is taken from the environment (no proxy, no .netrc, no credentials of the user).
// Redirects are followed for downloads only, each one judged as if it had been asked for; a request
// with credentials is never redirected. A client keeps its connections open between requests; it is
// for one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/model/digest.hpp"
#include "rt-bridge/http/access.hpp"
#include "rt-bridge/http/failure.hpp"

namespace http {

struct Limits {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds total{60'000};  // of one call, with its redirects and repetitions
    std::uint64_t slowest = 1000;             // bytes a second …
    std::chrono::seconds slow_for{30};        // … for so long are too slow
    int attempts = 5;                         // of a download that is cut off
    std::chrono::milliseconds pause{200};     // before the second attempt; doubles
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method = "GET";
    std::string url;
    Headers headers;
    std::string body;
};

struct Response {
    long status = 0;
    std::map<std::string, std::string> headers;  // names in lower case; the last of equal ones
    std::string body;
};

struct Saved {
    std::uint64_t size = 0;
    core::Digest digest;
    Url url;  // after redirects
};

/// Told from time to time; `total` is 0 while it is not known.
using Progress = std::function<void(const Url&, std::uint64_t received, std::uint64_t total)>;

class Client {
  public:
    /// `authorities`: a file of certificates to trust instead of the system's; may be empty.
    explicit Client(Access access, Limits limits = {}, std::filesystem::path authorities = {});
    ~Client();
    Client(Client&&) noexcept;

    void on_progress(Progress progress);

    /// From now on no call goes on after this time, whatever its own total time would allow.
    void end_by(std::chrono::steady_clock::time_point time);

    /// Any status is an answer. Throws Failure if there is none, or its body exceeds `limit` bytes.
    Response send(const Request& request, std::uint64_t limit);

    /// Streams the content of `url` into the new file `file`. What is cut off is continued where it
    /// stopped if the server says that the entity is still the same, else begun anew. Throws
    /// Failure and leaves no file; a status other than 200 is a StatusFailure.
    Saved download(const std::string& url, const std::filesystem::path& file, std::uint64_t limit,
                   const Headers& headers = {});

    /// The names in an ftp directory, one per line, as the server gives them.
    std::string list(const std::string& url, std::uint64_t limit);

    struct State;  // known in this folder only

  private:
    std::unique_ptr<State> state_;
};

class StatusFailure : public Failure {
  public:
    StatusFailure(long status, const std::string& text)
        : Failure(Trouble::broken, text), status_(status) {}

    long status() const { return status_; }

  private:
    long status_;
};

}  // namespace http
