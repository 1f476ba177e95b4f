// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/reason.hpp"

namespace bundle {
namespace {

struct DirectoryCloser {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryCloser>;

archive::Type type_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return archive::Type::regular;
        case S_IFDIR:
            return archive::Type::directory;
        case S_IFLNK:
            return archive::Type::symbolic_link;
        case S_IFCHR:
            return archive::Type::character_device;
        case S_IFBLK:
            return archive::Type::block_device;
        case S_IFIFO:
            return archive::Type::fifo;
        case S_IFSOCK:
            return archive::Type::socket;
        default:
            return archive::Type::other;
    }
}

class Walk {
  public:
    Walk(const ReadLimits& limits, Receiver& receiver) : limits_(limits), receiver_(receiver) {}

    /// `prefix` is the name of the directory in the bundle, with a slash, or empty.
    void directory(core::File opened, const std::string& prefix, std::size_t depth) {
        Directory stream(::fdopendir(opened.descriptor()));
        if (!stream) throw core::system_error("cannot read directory " + prefix);
        opened.release();  // closed by the stream
        for (const std::string& name : names(stream.get(), prefix)) {
            entry(::dirfd(stream.get()), name, prefix + name, depth);
        }
    }

  private:
    std::vector<std::string> names(DIR* stream, const std::string& prefix) {
        std::vector<std::string> found;
        while (true) {
            errno = 0;
            const dirent* one = ::readdir(stream);
            if (one == nullptr && errno != 0) {
                throw core::system_error("cannot read directory " + prefix);
            }
            if (one == nullptr) break;
            const std::string name = one->d_name;
            if (name == "." || name == "..") continue;
            if (++members_ > limits_.container.members) {
                throw core::Refused(
                    core::reason::member_limit,
                    "it has more than " + std::to_string(limits_.container.members) + " members");
            }
            found.push_back(name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    void entry(int directory_descriptor, const std::string& name, const std::string& path,
               std::size_t depth) {
        struct stat status {};
        if (::fstatat(directory_descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            throw core::system_error("cannot examine " + path);
        }
        archive::Member member{path, type_of(status.st_mode), 0, status.st_mode & 07777, {}};
        const bool enters = member.type == archive::Type::directory;
        if (!enters && member.type != archive::Type::regular) {
            receiver_.receive(member, {});
            return;
        }
        const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        core::File opened(::openat(directory_descriptor, name.c_str(), flags));
        if (opened.descriptor() < 0) throw core::system_error("cannot open " + path);
        if (::fstat(opened.descriptor(), &status) != 0) {
            throw core::system_error("cannot examine " + path);
        }
        if (type_of(status.st_mode) != member.type) {
            throw core::Refused(core::reason::bundle_corrupt, path + " changed while it was read");
        }
        receiver_.receive(member, [&](const Scratch::Sink& sink) { copy(opened, path, sink); });
        if (!enters) return;
        if (depth == limits_.directory_depth) {
            throw core::Refused(core::reason::member_limit,
                                "its directories are more than " +
                                    std::to_string(limits_.directory_depth) + " deep");
        }
        directory(std::move(opened), path + "/", depth + 1);
    }

    void copy(core::File& from, const std::string& path, const Scratch::Sink& sink) {
        const auto limit =
            std::min(limits_.container.member_bytes,
                     limits_.container.bytes - std::min(limits_.container.bytes, bytes_));
        const auto check = [&](std::uint64_t size) {
            if (size <= limit) return;
            throw core::Refused(core::reason::size_limit,
                                path +
                                    " is too large, or too much together with what was read "
                                    "before it (" +
                                    std::to_string(size) + " bytes)");
        };
        check(from.size());  // before the first byte is copied
        std::uint64_t copied = 0;
        while (true) {
            const std::size_t got =
                core::with_context(path, [&] { return from.read(buffer_.data(), buffer_.size()); });
            if (got == 0) break;
            check(copied += got);
            sink({buffer_.data(), got});
        }
        bytes_ += copied;
    }

    const ReadLimits& limits_;
    Receiver& receiver_;
    std::string buffer_ = std::string(256 * 1024, '\0');
    std::uint64_t members_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace

void read_directory(const std::filesystem::path& path, const ReadLimits& limits,
                    Receiver& receiver) {
    core::File opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.descriptor() < 0) throw core::system_error("cannot open " + path.string());
    Walk(limits, receiver).directory(std::move(opened), "", 1);
}

}  // namespace bundle
