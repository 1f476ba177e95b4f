// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/fragment_store.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace shards {
namespace {

namespace fs = std::filesystem;

/// One line of a table. In the machine's own byte order: a cache does not travel.
struct Line {
    core::Digest package;
    core::Digest checksum;  // of the value
    std::uint64_t pack = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};
static_assert(std::is_trivially_copyable_v<Line> && sizeof(Line) == 88);

std::string_view bytes_of(const Line& line) {
    return {reinterpret_cast<const char*>(&line), sizeof line};
}

fs::path table_of(const fs::path& directory, const core::Digest& package) {
    return directory / "packages" / fmt::format("{:02x}", package.bytes[0]);
}

fs::path pack_of(const fs::path& directory, std::uint64_t name) {
    return directory / "packs" / fmt::format("{:016x}", name);
}

/// Again where a directory is missing: it may be deleted by anyone between the moment it is made
/// and the moment it is used.
core::File open_in_made_directory(const fs::path& file, int flags) {
    constexpr int most_attempts = 100;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        core::File opened = core::File::open_to_write(file, O_CREAT | flags);
        if (opened.descriptor() >= 0) return opened;
        core::make_directories(file.parent_path());
    }
    throw core::system_error("cannot create " + file.string());
}

/// The last line of a package counts.
std::optional<Line> find(std::string_view table, const core::Digest& package) {
    for (std::size_t end = table.size() / sizeof(Line); end > 0; --end) {
        const char* at = table.data() + (end - 1) * sizeof(Line);
        if (std::memcmp(at, package.bytes.data(), package.bytes.size()) != 0) continue;
        Line line;
        std::memcpy(&line, at, sizeof line);
        return line;
    }
    return std::nullopt;
}

std::optional<std::string> value_at(const core::File& pack, const Line& line) {
    const std::uint64_t size = pack.size();
    if (line.size > size || line.offset > size - line.size) return std::nullopt;
    std::string value(line.size, '\0');
    const ssize_t got =
        ::pread(pack.descriptor(), value.data(), value.size(), static_cast<off_t>(line.offset));
    if (got != static_cast<ssize_t>(value.size())) return std::nullopt;
    if (core::sha256(value) != line.checksum) return std::nullopt;
    return value;
}

/// The last line of each package.
std::vector<Line> lines_of(std::string_view table) {
    std::map<core::Digest, Line> last;
    for (; table.size() >= sizeof(Line); table.remove_prefix(sizeof(Line))) {
        Line line;
        std::memcpy(&line, table.data(), sizeof line);
        last[line.package] = line;
    }
    std::vector<Line> lines;
    for (const auto& [package, line] : last) lines.push_back(line);
    return lines;
}

/// Packs that were written to in the last day.
std::set<std::uint64_t> young_packs(const fs::path& directory) {
    const std::time_t yesterday = std::time(nullptr) - 24 * 3600;
    std::set<std::uint64_t> young;
    for (const core::Entry& entry : core::entries(directory / "packs", core::Absent::is_empty)) {
        const auto status = core::status_of(entry.path);
        if (!status || status->st_mtime < yesterday) continue;
        young.insert(std::strtoull(entry.name().c_str(), nullptr, 16));
    }
    return young;
}

/// A line is written at once, so lines of several processes do not mix. A table that ends within a
/// line (a power cut) is begun anew: what was in it can be made again.
void add_line(const fs::path& directory, const Line& line) {
    const fs::path name = table_of(directory, line.package);
    while (true) {
        core::File table = open_in_made_directory(name, O_APPEND);
        if (table.size() % sizeof(Line) == 0) {
            core::with_context(name.string(), [&] { table.write(bytes_of(line)); });
            return;
        }
        if (::unlink(name.c_str()) != 0 && errno != ENOENT) {
            throw core::system_error("cannot remove " + name.string());
        }
    }
}

}  // namespace

/// The pack that this process adds to.
class FragmentStore::Pack {
  public:
    struct Place {
        std::uint64_t pack;
        std::uint64_t offset;
    };

    Place append(const fs::path& directory, std::string_view value) {
        const std::lock_guard lock(mutex_);
        if (!usable()) begin(directory);
        const Place place{name_, end_};
        core::with_context("a pack of fragments", [&] { file_.write(value); });
        end_ += value.size();
        return place;
    }

  private:
    /// Not if it is the parent's, was deleted, or a write to it failed half-way.
    bool usable() const {
        struct stat status {};
        return file_.descriptor() >= 0 && owner_ == ::getpid() &&
               ::fstat(file_.descriptor(), &status) == 0 && status.st_nlink > 0 &&
               static_cast<std::uint64_t>(status.st_size) == end_;
    }

    void begin(const fs::path& directory) {
        std::random_device random;
        name_ = std::uint64_t{random()} << 32 | random();
        const fs::path file = pack_of(directory, name_);
        file_ = open_in_made_directory(file, O_EXCL);
        owner_ = ::getpid();
        end_ = 0;
    }

    std::mutex mutex_;
    core::File file_;
    pid_t owner_ = 0;
    std::uint64_t name_ = 0;
    std::uint64_t end_ = 0;
};

/// Tables and open packs, kept for the next package: a shard that is made asks for some two dozen,
/// and a promotion makes a hundred shards.
class FragmentStore::Shelf {
  public:
    explicit Shelf(fs::path directory) : directory_(std::move(directory)) {}

    std::optional<std::string> value(const core::Digest& package) {
        try {
            const auto line = find(table(package)->lines, package);
            return line ? value_at(*pack(line->pack), *line) : std::nullopt;
        } catch (const core::Error&) {
            return std::nullopt;  // missing and unreadable are the same here
        }
    }

  private:
    // Bounds descriptors.
    static constexpr std::size_t most_packs = 64;

    struct Table {
        struct stat status {};
        std::string lines;
    };

    /// As it is on disk now.
    std::shared_ptr<const Table> table(const core::Digest& package) {
        const fs::path file = table_of(directory_, package);
        Table now;
        if (::stat(file.c_str(), &now.status) != 0) throw core::system_error("no " + file.string());
        const std::lock_guard lock(mutex_);
        auto& known = tables_.at(package.bytes[0]);
        if (!known || !same(known->status, now.status)) {
            now.lines = core::read_file(file);
            known = std::make_shared<const Table>(std::move(now));
        }
        return known;
    }

    static bool same(const struct stat& a, const struct stat& b) {
        return a.st_ino == b.st_ino && a.st_size == b.st_size &&
               a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
    }

    std::shared_ptr<const core::File> pack(std::uint64_t name) {
        const std::lock_guard lock(mutex_);
        if (packs_.size() == most_packs && !packs_.contains(name)) packs_.clear();
        auto& known = packs_[name];
        if (!known || deleted(*known)) {
            known = std::make_shared<const core::File>(
                core::File::open_to_read(pack_of(directory_, name)));
        }
        return known;
    }

    static bool deleted(const core::File& file) {
        struct stat status {};
        return ::fstat(file.descriptor(), &status) != 0 || status.st_nlink == 0;
    }

    const fs::path directory_;
    std::mutex mutex_;
    std::array<std::shared_ptr<const Table>, 256> tables_;  // by the first byte of digests
    std::map<std::uint64_t, std::shared_ptr<const core::File>> packs_;
};

FragmentStore::FragmentStore(const core::Cache& cache)
    : directory_(cache.directory()),
      pack_(std::make_shared<Pack>()),
      shelf_(std::make_shared<Shelf>(directory_)) {}

std::optional<Fragments> FragmentStore::get(const core::Digest& package, std::size_t count) const {
    const auto value = shelf_->value(package);
    return value ? unpack(*value, count) : std::nullopt;
}

void FragmentStore::put(const core::Digest& package, const Fragments& fragments) const {
    const std::string value = pack(fragments);
    const auto [name, offset] = pack_->append(directory_, value);
    add_line(directory_, {package, core::sha256(value), name, offset, value.size()});
}

void FragmentStore::keep_only(const std::function<bool(const core::Digest&)>& needed) const {
    const std::set<std::uint64_t> young = young_packs(directory_);
    std::set<std::uint64_t> kept = young;
    for (const core::Entry& table :
         core::entries(directory_ / "packages", core::Absent::is_empty)) {
        const std::string before = core::read_file(table.path);
        std::string after;
        for (const Line& line : lines_of(before)) {
            if (!young.contains(line.pack) && !needed(line.package)) continue;
            kept.insert(line.pack);
            after += bytes_of(line);
        }
        if (after.size() < before.size()) core::write_file(table.path, after);
    }
    for (const core::Entry& pack : core::entries(directory_ / "packs", core::Absent::is_empty)) {
        if (!kept.contains(std::strtoull(pack.name().c_str(), nullptr, 16))) {
            core::remove_tree(pack.path);
        }
    }
}

}  // namespace shards
