// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/workers.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Sends or receives exactly `size` bytes; false if the other side is gone.
bool send_all(int socket, const void* bytes, std::size_t size) {
    const char* at = static_cast<const char*>(bytes);
    while (size > 0) {
        const ssize_t sent = ::send(socket, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

/// What comes through a socket, taken in as large pieces as it comes in: a system call for each
/// number and answer would cost as much as many an item.
class Inbox {
  public:
    explicit Inbox(int socket) : socket_(socket) {}

    /// Whether `size` bytes are there without waiting.
    bool holds(std::size_t size) const { return end_ - begin_ >= size; }

    /// Waits for the next `size` bytes, which stay; false if the other side is gone.
    bool await(std::size_t size) {
        while (!holds(size)) {
            make_room(size);
            const ssize_t got = ::recv(socket_, bytes_.data() + end_, bytes_.size() - end_, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return false;
            end_ += static_cast<std::size_t>(got);
        }
        return true;
    }

    /// The number that comes next; it has to be there.
    std::uint64_t number() const {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes_.data() + begin_, sizeof value);
        return value;
    }

    /// The bytes that come next, which have to be there; they leave.
    std::string take(std::size_t size) {
        std::string taken = bytes_.substr(begin_, size);
        begin_ += size;
        return taken;
    }

  private:
    void make_room(std::size_t size) {
        constexpr std::size_t least = 64 << 10;
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (bytes_.size() < size) bytes_.resize(std::max(size, least));
    }

    int socket_;
    std::string bytes_;  // received from begin_ to end_
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

void set_limit(pid_t process, __rlimit_resource resource, const rlimit& limit) {
    if (::prlimit(process, resource, &limit, nullptr) != 0) {
        throw system_error("cannot set the limits of a worker process");
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

/// Sanitizers map terabytes of shadow memory; under them the limit cannot be kept.
void limit_memory(pid_t, std::uint64_t) {}

#else

/// Of a process that was just made and has the memory of this one. A lower limit that it has
/// already stays.
void limit_memory(pid_t process, std::uint64_t bytes) {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    if (!(statm >> pages)) throw Error("cannot read /proc/self/statm");
    const std::uint64_t in_use = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0) throw system_error("cannot read the memory limit");
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, in_use + bytes);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, limit.rlim_max);
    set_limit(process, RLIMIT_AS, limit);
}

#endif

/// Items take and free the same large buffers. Memory that goes back to the kernel after each of
/// them is cleared page by page for the next one.
void keep_freed_memory() {
    constexpr int largest = 32 << 20;  // what malloc takes for a threshold
    ::mallopt(M_MMAP_THRESHOLD, largest);
    ::mallopt(M_TRIM_THRESHOLD, 4 * largest);
}

/// One process that answers item numbers with results, over a socket and in their order.
class Worker {
  public:
    Worker(const std::function<std::string(std::size_t)>& work, const WorkerLimits& limits) {
        int sockets[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
            throw system_error("cannot make a socket pair");
        }
        socket_ = File(sockets[0]);
        answers_ = Inbox(sockets[0]);
        const File other(sockets[1]);
        // A worker that stops within an answer must not stop us either.
        const timeval patience{limits.time.count(), 0};
        ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ < 0) throw system_error("cannot start a worker process");
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a worker does not outlive the one who asked
            if (::getppid() != parent) ::_exit(1);
            keep_freed_memory();
            try {
                serve(other.descriptor(), work);
            } catch (...) {
                ::_exit(1);  // never back into the parent's code
            }
            ::_exit(0);  // no destructors, no exit handlers: they are the parent's
        }
        // It has nothing to do yet. Set from here, so that one without limits never begins.
        try {
            limit_memory(process_, limits.memory);
            set_limit(process_, RLIMIT_CORE, {0, 0});
        } catch (...) {
            end();
            throw;
        }
    }
    ~Worker() { end(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    bool give(std::span<const std::uint64_t> items) {
        if (!send_all(socket_.descriptor(), items.data(), items.size_bytes())) return false;
        if (items_.empty()) begun_ = std::chrono::steady_clock::now();
        items_.insert(items_.end(), items.begin(), items.end());
        return true;
    }

    /// The result of the first of its items, which it then has no more.
    std::optional<std::string> take() {
        auto value = receive();
        if (!value) return value;
        items_.pop_front();
        const SteadyTime now = std::chrono::steady_clock::now();
        quick_ = now - begun_ < quick;
        begun_ = now;
        return value;
    }

    /// Whether take() would not wait.
    bool answered() const {
        return answers_.holds(header) && answers_.holds(header + answers_.number());
    }

    /// What it was given and has not answered; it is at the first of them.
    const std::deque<std::uint64_t>& items() const { return items_; }

    /// How many more items it could use: several only while each takes so little time that waiting
    /// for the next would count.
    std::size_t appetite() const {
        if (items_.empty() && !quick_) return 1;
        return quick_ && items_.size() <= ahead / 2 ? ahead - items_.size() : 0;
    }

    int socket() const { return socket_.descriptor(); }
    SteadyTime begun() const { return begun_; }

  private:
    void end() noexcept {
        ::kill(process_, SIGKILL);
        while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    std::optional<std::string> receive() {
        constexpr std::uint64_t largest = 64 << 20;  // results are small records of ours
        if (!answers_.await(header) || answers_.number() > largest) return {};
        const std::size_t size = answers_.number();
        if (!answers_.await(header + size)) return {};
        answers_.take(header);
        return answers_.take(size);
    }

    static void serve(int socket, const std::function<std::string(std::size_t)>& work) {
        Inbox items(socket);
        while (items.await(header)) {
            const std::string value = work(items.number());
            items.take(header);
            const std::uint64_t size = value.size();
            const std::string answer =
                std::string(reinterpret_cast<const char*>(&size), sizeof size) + value;
            if (!send_all(socket, answer.data(), answer.size())) return;
        }
    }

    static constexpr std::size_t header = sizeof(std::uint64_t);  // an item, an answer's size
    static constexpr std::size_t ahead = 8;
    static constexpr std::chrono::milliseconds quick{5};

    File socket_;
    Inbox answers_{-1};
    pid_t process_ = -1;
    std::deque<std::uint64_t> items_;
    SteadyTime begun_;
    bool quick_ = false;
};

/// Keeps the workers busy until every item is done or given up.
class Pool {
  public:
    Pool(std::size_t count, const std::function<std::string(std::size_t)>& work,
         const WorkerLimits& limits, const std::function<void(std::size_t)>& progress)
        : work_(work), limits_(limits), progress_(progress), results_(count) {
        for (std::size_t item = 0; item < count; ++item) waiting_.push_back(item);
        workers_.resize(std::min(parallel_width(), count));
        for (auto& worker : workers_) employ(worker);
    }

    std::vector<WorkerResult> run() {
        while (done_ < results_.size()) wait_once();
        return std::move(results_);
    }

  private:
    using Place = std::unique_ptr<Worker>;

    /// Gives the place what it can use, with a new worker if it has none; empties it if all is
    /// given and answered.
    void employ(Place& place) {
        while (!waiting_.empty()) {
            const std::size_t appetite = place ? place->appetite() : 1;
            if (appetite == 0) break;
            const bool is_new = !place;
            if (is_new) place = std::make_unique<Worker>(work_, limits_);
            const auto end =
                waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(appetite, waiting_.size()));
            if (place->give(std::vector(waiting_.begin(), end))) {
                waiting_.erase(waiting_.begin(), end);
            } else if (!place->items().empty()) {
                return;  // it died on what it has: its socket tells
            } else if (is_new) {
                throw Error("a worker process does not answer");
            } else {
                place.reset();
            }
        }
        if (place && place->items().empty()) place.reset();
    }

    void finish(Place& place, std::optional<std::string> value, std::size_t item) {
        if (value) {
            results_[item] = {true, std::move(*value)};
        } else {
            // Dead, or not to be trusted any more. What it had not come to is for another one.
            const auto& items = place->items();
            waiting_.insert(waiting_.begin(), items.begin() + 1, items.end());
            place.reset();
        }
        progress_(++done_);
        employ(place);
    }

    void wait_once() {
        std::vector<pollfd> polled;
        std::vector<Place*> places;
        SteadyTime deadline = SteadyTime::max();
        for (Place& place : workers_) {
            if (!place) continue;
            polled.push_back({place->socket(), POLLIN, 0});
            places.push_back(&place);
            deadline = std::min(deadline, place->begun() + limits_.time);
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        const int timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
        if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR) {
            throw system_error("cannot wait for worker processes");
        }
        const SteadyTime now = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < polled.size(); ++i) {
            Place& place = *places[i];
            if (polled[i].revents != 0) {
                do {
                    const std::size_t item = place->items().front();
                    finish(place, place->take(), item);
                } while (place && place->answered());
            } else if (place->begun() + limits_.time <= now) {
                finish(place, std::nullopt, place->items().front());
            }
        }
    }

    const std::function<std::string(std::size_t)>& work_;
    const WorkerLimits limits_;
    const std::function<void(std::size_t)>& progress_;
    std::vector<WorkerResult> results_;
    std::deque<std::uint64_t> waiting_;
    std::vector<Place> workers_;
    std::size_t done_ = 0;
};

}  // namespace

std::vector<WorkerResult> run_in_workers(std::size_t count,
                                         const std::function<std::string(std::size_t)>& work,
                                         const WorkerLimits& limits,
                                         const std::function<void(std::size_t)>& progress) {
    if (count == 0) return {};
    return Pool(count, work, limits, progress).run();
}

}  // namespace core
