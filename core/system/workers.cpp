// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/workers.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/channel.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

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

/// One process that answers item numbers with results, one after the other.
class Worker {
  public:
    Worker(const std::function<std::string(std::size_t)>& work, const WorkerLimits& limits) {
        auto [ours, its] = Channel::make_pair();
        channel_ = std::move(ours);
        channel_.set_patience(limits.time);
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ < 0) throw system_error("cannot start a worker process");
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a worker does not outlive the one who asked
            if (::getppid() != parent) ::_exit(1);
            keep_freed_memory();
            try {
                serve(its, work);
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
            kill_and_reap();
            throw;
        }
    }
    ~Worker() { kill_and_reap(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// False if it has died.
    bool begin(std::size_t item) {
        item_ = item;
        begun_ = std::chrono::steady_clock::now();
        return channel_.send(std::to_string(item));
    }

    /// Of the item that it began; nothing if it has died, or is not to be trusted any more.
    std::optional<std::string> receive_result() const {
        constexpr std::uint64_t largest = 64 << 20;  // results are small records of ours
        return channel_.receive(largest);
    }

    std::size_t item() const { return item_; }
    SteadyTime begun() const { return begun_; }
    int descriptor() const { return channel_.descriptor(); }

  private:
    void kill_and_reap() noexcept {
        ::kill(process_, SIGKILL);
        while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    static void serve(const Channel& channel, const std::function<std::string(std::size_t)>& work) {
        constexpr std::uint64_t largest = 64;  // an item number
        while (const auto item = channel.receive(largest)) {
            if (!channel.send(work(whole_number<std::size_t>(*item).value()))) return;
        }
    }

    Channel channel_;
    pid_t process_ = -1;
    std::size_t item_ = 0;
    SteadyTime begun_;
};

/// Keeps the workers busy until every item is done or given up.
class Dispatcher {
  public:
    Dispatcher(std::size_t count, const std::function<std::string(std::size_t)>& work,
               const WorkerLimits& limits, const std::function<void(std::size_t)>& progress)
        : work_(work), limits_(limits), progress_(progress), results_(count) {
        workers_.resize(std::min(parallel_width(), count));
        for (auto& worker : workers_) begin_next(worker);
    }

    std::vector<WorkerResult> run() {
        while (done_ < results_.size()) wait_once();
        return std::move(results_);
    }

  private:
    using WorkerSlot = std::unique_ptr<Worker>;  // empty: nothing is left to begin

    /// Has the slot's worker begin the next item, or a new worker if it has none that lives.
    void begin_next(WorkerSlot& slot) {
        if (next_ == results_.size()) {
            slot.reset();
            return;
        }
        const std::size_t item = next_++;
        if (slot && slot->begin(item)) return;
        slot = std::make_unique<Worker>(work_, limits_);
        if (!slot->begin(item)) throw Error("a worker process does not answer");
    }

    void finish(WorkerSlot& slot, std::optional<std::string> value) {
        if (value) {
            results_[slot->item()] = {true, std::move(*value)};
        } else {
            slot.reset();
        }
        progress_(++done_);
        begin_next(slot);
    }

    void wait_once() {
        std::vector<pollfd> polled;
        std::vector<WorkerSlot*> slots;
        SteadyTime deadline = SteadyTime::max();
        for (WorkerSlot& slot : workers_) {
            if (!slot) continue;
            polled.push_back({slot->descriptor(), POLLIN, 0});
            slots.push_back(&slot);
            deadline = std::min(deadline, slot->begun() + limits_.time);
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        const int timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
        if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR) {
            throw system_error("cannot wait for worker processes");
        }
        const SteadyTime now = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < polled.size(); ++i) {
            WorkerSlot& slot = *slots[i];
            if (polled[i].revents != 0) {
                finish(slot, slot->receive_result());
            } else if (slot->begun() + limits_.time <= now) {
                finish(slot, std::nullopt);
            }
        }
    }

    const std::function<std::string(std::size_t)>& work_;
    const WorkerLimits limits_;
    const std::function<void(std::size_t)>& progress_;
    std::vector<WorkerResult> results_;
    std::vector<WorkerSlot> workers_;
    std::size_t next_ = 0;  // of the items that nobody has begun
    std::size_t done_ = 0;
};

}  // namespace

std::vector<WorkerResult> run_in_workers(std::size_t count,
                                         const std::function<std::string(std::size_t)>& work,
                                         const WorkerLimits& limits,
                                         const std::function<void(std::size_t)>& progress) {
    if (count == 0) return {};
    return Dispatcher(count, work, limits, progress).run();
}

}  // namespace core
