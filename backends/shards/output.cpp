// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/output.hpp"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"

namespace shards {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t piece = 1 << 18;  // bytes copied at a time

}  // namespace

Output::Output(const fs::path& file) : name_(file.string()) {
    if (!file.empty()) file_ = core::File::create(file);
}

void Output::append(std::string_view bytes) {
    hasher_.update(bytes);
    crc_ = crc32(bytes, crc_);
    size_ += bytes.size();
    if (name_.empty()) return;
    core::with_context(name_, [&] { file_.write(bytes); });
}

bool Output::begin_as(const fs::path& earlier, const Place& place) {
    if (!name_.empty() && !copied(earlier, place)) return false;
    hasher_ = core::Hasher(place.hash);
    size_ = place.hash.size;
    crc_ = place.crc;
    return true;
}

void Output::begin_anew() {
    hasher_ = core::Hasher();
    size_ = 0;
    crc_ = 0;
    if (name_.empty()) return;
    core::with_context(name_, [&] {
        if (::ftruncate(file_.descriptor(), 0) != 0 ||
            ::lseek(file_.descriptor(), 0, SEEK_SET) != 0) {
            throw core::system_error("cannot empty it");
        }
    });
}

bool Output::copied(const fs::path& earlier, const Place& place) {
    core::File from;
    try {
        from = core::File::open_to_read(earlier);
    } catch (const core::Error&) {
        return false;  // missing and unreadable are the same here: all is composed
    }
    std::string room(piece, '\0');
    std::uint32_t crc = 0;
    std::uint64_t left = place.hash.size;
    while (left > 0) {
        std::size_t got = 0;
        try {
            got = from.read(room.data(),
                            static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left)));
        } catch (const core::Error&) {
            return false;
        }
        if (got == 0) return false;
        const std::string_view bytes(room.data(), got);
        crc = crc32(bytes, crc);
        left -= got;
        core::with_context(name_, [&] { file_.write(bytes); });
    }
    return crc == place.crc;
}

void Output::finish(core::Digest& digest, std::uint64_t& size, std::vector<core::File>& files) {
    digest = hasher_.finish();
    size = size_;
    if (name_.empty()) return;
    // To disk, in the background: the flush before the commit has less to wait for.
    ::sync_file_range(file_.descriptor(), 0, 0, SYNC_FILE_RANGE_WRITE);
    files.push_back(std::move(file_));
}

}  // namespace shards
