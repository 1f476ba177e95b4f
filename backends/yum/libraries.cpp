// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/libraries.hpp"

#include <rpm/rpmcrypto.h>
#include <rpm/rpmlog.h>

#include "backends/yum/createrepo.hpp"

namespace yum {
namespace {

constexpr std::size_t longest_line = 400;
constexpr std::size_t most_lines = 100;  // a sound package has ten

/// Where librpm's lines go; guarded by the lock.
std::vector<std::string>* listener = nullptr;

int hear(rpmlogRec record, rpmlogCallbackData) {
    const char* text = rpmlogRecMessage(record);
    if (listener != nullptr && text != nullptr && listener->size() < most_lines) {
        listener->push_back(std::string(text).substr(0, longest_line));
    }
    return 0;
}

// What libcreaterepo_c leaves out with a warning is found by counting.
void swallow_glib(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

std::unique_lock<std::mutex> lock_libraries() {
    static std::mutex mutex;
    static std::once_flag once;
    std::unique_lock<std::mutex> lock(mutex);
    std::call_once(once, [] {
        rpmlogSetCallback(hear, nullptr);
        rpmInitCrypto();
        createrepo().log_set_handler("C_CREATEREPOLIB", G_LOG_LEVEL_MASK, swallow_glib, nullptr);
        createrepo().xml_dump_init();
    });
    return lock;
}

void prepare_libraries() {
    lock_libraries();
}

const Createrepo& createrepo() {
    static const Createrepo functions;
    return functions;
}

RpmLog::RpmLog() : mask_(rpmlogSetMask(RPMLOG_UPTO(RPMLOG_INFO))) {
    listener = &lines_;
}

bool RpmLog::whole() const {
    return lines_.size() < most_lines;
}

RpmLog::~RpmLog() {
    listener = nullptr;
    rpmlogSetMask(mask_);
    rpmlogClose();  // it keeps the worse lines
}

}  // namespace yum
