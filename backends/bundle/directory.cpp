// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/directory.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

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

/// Opens an entry of a directory that was of type `type` a moment ago.
core::File open_in(int directory_descriptor, const std::string& name, const std::string& path,
                   archive::Type type) {
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    core::File opened(::openat(directory_descriptor, name.c_str(), flags));
    if (opened.descriptor() < 0) throw core::system_error("cannot open " + path);
    struct stat status {};
    if (::fstat(opened.descriptor(), &status) != 0) {
        throw core::system_error("cannot examine " + path);
    }
    if (type_of(status.st_mode) != type) {
        throw core::Refused(core::reason::bundle_corrupt, path + " changed while it was read");
    }
    return opened;
}

/// How much of a file is data and no hole, as far as its file system tells.
std::uint64_t data_size(const core::File& file, std::uint64_t size) {
    const int descriptor = file.descriptor();
    std::uint64_t data = 0;
    for (off_t at = 0; static_cast<std::uint64_t>(at) < size;) {
        const off_t begin = ::lseek(descriptor, at, SEEK_DATA);
        if (begin < 0) {
            if (errno != ENXIO) data = size;  // ENXIO: holes alone follow
            break;
        }
        at = ::lseek(descriptor, begin, SEEK_HOLE);
        if (at <= begin) {
            data = size;
            break;
        }
        data += static_cast<std::uint64_t>(at - begin);
    }
    if (::lseek(descriptor, 0, SEEK_SET) != 0) throw core::system_error("cannot read a file");
    return data;
}

/// The files of one directory that follow each other in the order of names. They are copied on all
/// cores, but judged in that order.
class Files {
  public:
    Files(const archive::Limits& limits, Receiver& receiver)
        : limits_(limits), receiver_(receiver) {}

    void add(std::string name, archive::Member member) {
        auto problem = receiver_.find_problem(member);
        pending_.push_back({std::move(name), std::move(member.name), std::move(problem), {}});
    }

    void receive(int directory_descriptor) {
        core::parallel_for(pending_.size(), [&](std::size_t i) {
            Pending& file = pending_[i];
            if (file.problem) return;
            file.received = receiver_.copy(file.path, [&](const Scratch::Sink& sink) {
                copy(open_in(directory_descriptor, file.name, file.path, archive::Type::regular),
                     file.path, sink);
            });
        });
        for (Pending& file : pending_) {
            if (file.problem) {
                receiver_.add(*std::move(file.problem));
            } else {
                receiver_.take(std::move(file.received));
            }
        }
        pending_.clear();
    }

  private:
    struct Pending {
        std::string name;  // in its directory
        std::string path;  // in the bundle
        std::optional<core::Problem> problem;
        Receiver::Received received;
    };

    void copy(core::File from, const std::string& path, const Scratch::Sink& sink) {
        const std::uint64_t size = from.size();
        data_ += data_size(from, size);
        check(path, size, bytes_ + size);  // before the first byte is copied
        const std::size_t room = std::clamp<std::uint64_t>(size, 1, largest_buffer);
        const auto buffer = std::make_unique_for_overwrite<char[]>(room);
        std::uint64_t copied = 0;
        while (true) {
            const std::size_t got =
                core::with_context(path, [&] { return from.read(buffer.get(), room); });
            if (got == 0) break;
            check(path, copied += got, bytes_ += got);
            sink({buffer.get(), got});
        }
    }

    /// A file with holes has more bytes than the disk: it is a bomb as what is packed can be one.
    void check(const std::string& path, std::uint64_t size, std::uint64_t together) const {
        limits_.check_member(path, size);
        limits_.check_output(together, data_);
    }

    static constexpr std::size_t largest_buffer = 256 * 1024;

    const archive::Limits& limits_;
    Receiver& receiver_;
    std::vector<Pending> pending_;
    std::atomic<std::uint64_t> bytes_ = 0;  // of all files so far
    std::atomic<std::uint64_t> data_ = 0;   // of these, what is no hole
};

class Walk {
  public:
    Walk(const core::BundleLimits& limits, Receiver& receiver)
        : limits_(container_limits(limits)), receiver_(receiver), files_(limits_, receiver) {}

    /// `prefix` is the name of the directory in the bundle, with a slash, or empty.
    void directory(core::File opened, const std::string& prefix) {
        Directory stream(::fdopendir(opened.descriptor()));
        if (!stream) throw core::system_error("cannot read directory " + prefix);
        opened.release();  // closed by the stream
        const int descriptor = ::dirfd(stream.get());
        const std::vector<std::string> found = names(stream.get(), prefix);
        const std::vector<mode_t> found_modes = modes(descriptor, found, prefix);
        for (std::size_t i = 0; i < found.size(); ++i) {
            entry(descriptor, found[i], found_modes[i], prefix + found[i]);
        }
        files_.receive(descriptor);
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
            limits_.check_count(++members_);
            limits_.check_names(names_ += prefix.size() + name.size());
            found.push_back(name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    static std::vector<mode_t> modes(int directory_descriptor,
                                     const std::vector<std::string>& names,
                                     const std::string& prefix) {
        std::vector<mode_t> found(names.size());
        core::parallel_for(names.size(), [&](std::size_t i) {
            struct stat status {};
            if (::fstatat(directory_descriptor, names[i].c_str(), &status, AT_SYMLINK_NOFOLLOW) !=
                0) {
                throw core::system_error("cannot examine " + prefix + names[i]);
            }
            found[i] = status.st_mode;
        });
        return found;
    }

    void entry(int directory_descriptor, const std::string& name, mode_t mode,
               const std::string& path) {
        archive::Member member{path, type_of(mode), 0, mode & 07777, {}};
        if (member.type != archive::Type::directory) {
            files_.add(name, std::move(member));
            return;
        }
        files_.receive(directory_descriptor);
        core::File opened = open_in(directory_descriptor, name, path, member.type);
        receiver_.receive(member, {});
        directory(std::move(opened), path + "/");
    }

    const archive::Limits limits_;
    Receiver& receiver_;
    Files files_;
    std::uint64_t members_ = 0;
    std::uint64_t names_ = 0;  // bytes
};

}  // namespace

void read_directory(const std::filesystem::path& path, const core::BundleLimits& limits,
                    Receiver& receiver) {
    core::File opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.descriptor() < 0) throw core::system_error("cannot open " + path.string());
    Walk(limits, receiver).directory(std::move(opened), "");
}

}  // namespace bundle
