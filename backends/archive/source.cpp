// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/source.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "backends/archive/fault.hpp"

namespace archive {
namespace {

/// A package has a dozen places to look at: for one of this size a single read costs less.
constexpr std::size_t small_file = 128 * 1024;

core::File open_without_waiting(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) throw core::system_error("cannot open " + path.string());
    return core::File(descriptor);
}

std::uint64_t regular_size(const core::File& file) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) {
        throw core::system_error("cannot examine an open file");
    }
    if (!S_ISREG(status.st_mode)) {
        throw Broken(Fault::unknown, "it is not a regular file",
                     "hand in a .tar, .tar.gz, .tar.xz, .tar.zst, .tar.bz2 or .zip file");
    }
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

Source Source::file(const std::filesystem::path& path) {
    return opened(open_without_waiting(path));
}

Source Source::once(const std::filesystem::path& path) {
    return once(open_without_waiting(path));
}

Source Source::once(core::File file) {
    Source source;
    source.size_ = regular_size(file);
    source.passage_ = std::make_shared<Passage>(std::move(file));
    return source;
}

Source Source::opened(core::File file) {
    Source source;
    source.size_ = regular_size(file);
    source.file_ = std::make_shared<const core::File>(std::move(file));
    if (source.size_ > small_file) return source;
    auto whole = std::make_shared<const std::string>(
        source.text_at(0, static_cast<std::size_t>(source.size_)));
    Source kept = memory(*whole);
    kept.whole_ = std::move(whole);
    return kept;
}

Source Source::part(std::uint64_t offset, std::uint64_t length) const {
    Source part = *this;
    offset = std::min(offset, size_);
    part.size_ = std::min(length, size_ - offset);
    if (file_ || passage_) {
        part.offset_ += offset;
    } else {
        part.bytes_ =
            bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(part.size_));
    }
    return part;
}

Source Source::memory(std::string_view bytes) {
    Source source;
    source.bytes_ = bytes;
    source.size_ = bytes.size();
    return source;
}

std::size_t Source::read_at(std::uint64_t position, char* buffer, std::size_t size) const {
    if (position >= size_) return 0;
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - position));
    if (passage_) return passage_->read_at(offset_ + position, buffer, size);
    if (!file_) {
        return bytes_.copy(buffer, size, static_cast<std::size_t>(position));
    }
    std::size_t filled = 0;
    while (filled < size) {
        const ssize_t got = ::pread(file_->descriptor(), buffer + filled, size - filled,
                                    static_cast<off_t>(offset_ + position + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw core::system_error("cannot read");
        if (got == 0) break;  // the file became shorter after it was opened
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

std::string Source::text_at(std::uint64_t position, std::size_t size) const {
    std::string text(size, '\0');
    text.resize(read_at(position, text.data(), size));
    return text;
}

}  // namespace archive
