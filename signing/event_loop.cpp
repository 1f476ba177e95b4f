// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/event_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <poll.h>
#include <vector>

namespace signing {
namespace {

using Clock = std::chrono::steady_clock;

/// What GPGME asks to be told of: that a pipe to or from gpg is ready.
struct Watch {
    int descriptor = -1;
    short events = 0;
    gpgme_io_cb_t call = nullptr;
    void* data = nullptr;
    std::vector<std::unique_ptr<Watch>>* all = nullptr;
};

struct Loop {
    const std::function<void(gpgme_key_t)>& take;
    std::vector<std::unique_ptr<Watch>> watches{};
    bool done = false;
    gpgme_error_t result = 0;
};

gpgme_error_t add_watch(void* loop, int descriptor, int reads, gpgme_io_cb_t call, void* data,
                        void** tag) {
    auto& watches = static_cast<Loop*>(loop)->watches;
    const short events = reads != 0 ? POLLIN : POLLOUT;
    watches.push_back(std::make_unique<Watch>(Watch{descriptor, events, call, data, &watches}));
    *tag = watches.back().get();
    return 0;
}

void remove_watch(void* tag) {
    auto& watches = *static_cast<Watch*>(tag)->all;
    std::erase_if(watches, [&](const auto& watch) { return watch.get() == tag; });
}

void take_event(void* data, gpgme_event_io_t type, void* type_data) {
    Loop& loop = *static_cast<Loop*>(data);
    if (type == GPGME_EVENT_NEXT_KEY) loop.take(static_cast<gpgme_key_t>(type_data));
    if (type != GPGME_EVENT_DONE) return;
    loop.done = true;
    loop.result = static_cast<gpgme_io_event_done_data_t>(type_data)->err;
}

/// One wait and what follows from it; false when `deadline` is past.
bool step(Loop& loop, Clock::time_point deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::vector<pollfd> polled;
    std::vector<void*> tags;
    for (const auto& watch : loop.watches) {
        polled.push_back({watch->descriptor, watch->events, 0});
        tags.push_back(watch.get());
    }
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(std::min(left, 60'000L)));
    if (ready < 0) return errno == EINTR;
    for (std::size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents == 0) continue;
        // A call may remove other watches: look whether this one is still there.
        const auto found = std::find_if(loop.watches.begin(), loop.watches.end(),
                                        [&](const auto& watch) { return watch.get() == tags[i]; });
        if (found != loop.watches.end()) (*found)->call((*found)->data, polled[i].fd);
    }
    return true;
}

}  // namespace

gpgme_error_t run_within(gpgme_ctx_t context, std::chrono::milliseconds patience,
                         const std::function<gpgme_error_t(gpgme_ctx_t)>& start,
                         const std::function<void(gpgme_key_t)>& take) {
    const auto deadline = Clock::now() + patience;
    Loop loop{take};
    gpgme_io_cbs callbacks{add_watch, &loop, remove_watch, take_event, &loop};
    gpgme_set_io_cbs(context, &callbacks);
    gpgme_error_t error = start(context);
    while (error == 0 && !loop.done) {
        if (!step(loop, deadline)) error = gpgme_error(GPG_ERR_TIMEOUT);
    }
    // Closes the pipes while the loop that watches them still exists.
    if (error != 0) gpgme_cancel(context);
    gpgme_set_io_cbs(context, nullptr);
    return error != 0 ? error : loop.result;
}

}  // namespace signing
