// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>
#include <vector>

#include "core/entries.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

using Number = std::uint32_t;  // of a file of values

constexpr std::uint64_t large = 64u << 20;   // a file of values that has so much is not added to
constexpr std::size_t most_open_files = 64;  // bounds descriptors
constexpr std::time_t day = 24 * 60 * 60;
constexpr std::time_t month = 31 * day;

/// A line of the index. In the machine's own byte order: a cache does not travel.
struct Line {
    Digest digest;  // with the kind, the key
    Cache::Key::Kind kind = Cache::Key::Kind::other;
    Number file = 0;
    std::uint64_t offset = 0;
    std::uint64_t checksum = 0;
    std::uint32_t size = 0;
    std::uint32_t used = 0;  // seconds since 1970

    bool is_of(const Cache::Key& key) const { return digest == key.digest && kind == key.kind; }
    /// Not if it says that it was used in times to come.
    bool used_within(std::time_t time, std::time_t now) const {
        return used <= now && now - used < time;
    }
};
static_assert(std::is_trivially_copyable_v<Line> && sizeof(Line) == 64);

std::string_view bytes_of(const Line& line) {
    return {reinterpret_cast<const char*>(&line), sizeof line};
}

/// No two numbers come out as one.
std::uint64_t mixed(std::uint64_t number) {
    number *= 0x9e3779b97f4a7c15;
    return number ^ number >> 32;
}

/// Of a value under its key. Finds damage, not malice: any within eight bytes that begin at a
/// multiple of eight, and any other but for one in 2^64. About 10 GB/s.
std::uint64_t checksum_of(const Digest& digest, Cache::Key::Kind kind, std::string_view value) {
    std::array<std::uint64_t, 4> lanes;  // so that the processor need not wait for each word
    static_assert(sizeof lanes == sizeof digest.bytes);
    std::memcpy(lanes.data(), digest.bytes.data(), sizeof lanes);
    std::uint64_t sum = mixed(value.size()) ^ static_cast<std::uint64_t>(kind);
    while (!value.empty()) {
        std::array<std::uint64_t, 4> words{};
        const std::size_t size = std::min(value.size(), sizeof words);
        std::memcpy(words.data(), value.data(), size);
        for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = mixed(lanes[i] ^ words[i]);
        value.remove_prefix(size);
    }
    for (const std::uint64_t lane : lanes) sum = mixed(sum ^ lane);
    return sum;
}

/// Again where a directory is missing: it may be deleted by anyone between the moment it is made
/// and the moment it is used.
File open_to_append(const fs::path& file) {
    constexpr int most_attempts = 100;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        File opened = File::open_to_write(file, O_CREAT | O_APPEND);
        if (opened.descriptor() >= 0) return opened;
        make_directories(file.parent_path());
    }
    throw system_error("cannot create " + file.string());
}

struct stat status_of(const File& file) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) throw system_error("cannot examine a file");
    return status;
}

bool is_same(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::vector<Line> lines_in(std::string_view bytes) {
    std::vector<Line> lines(bytes.size() / sizeof(Line));
    if (!lines.empty()) std::memcpy(lines.data(), bytes.data(), lines.size() * sizeof(Line));
    return lines;
}

/// Nothing if it cannot be read.
std::vector<Line> all_in(const fs::path& table) {
    try {
        return lines_in(read_file(table));
    } catch (const Error&) {
        return {};
    }
}

/// Of the lines of each key the last one, which counts.
std::vector<Line> last_of_each(const std::vector<Line>& lines) {
    std::set<std::pair<Digest, Cache::Key::Kind>> met;
    std::vector<Line> last;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (met.emplace(line->digest, line->kind).second) last.push_back(*line);
    }
    std::ranges::reverse(last);
    return last;
}

std::optional<Number> number_of(const std::string& name) {
    Number number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc() && end == name.data() + name.size();
    return whole && name == std::to_string(number) ? std::optional(number) : std::nullopt;
}

}  // namespace

class Cache::Store {
  public:
    explicit Store(fs::path directory)
        : directory_(std::move(directory)),
          index_(directory_ / "index"),
          values_(directory_ / "values") {}

    std::optional<std::string> get(const Key& key) {
        const auto found = find(key);
        if (!found) return std::nullopt;
        auto value = value_at(found->line);
        if (value) mark(*found);
        return value;
    }

    void mark(const Key& key) {
        if (const auto found = find(key)) mark(*found);
    }

    void put(const Key& key, std::string_view value) {
        if (value.size() > std::numeric_limits<std::uint32_t>::max()) return;
        Line line{key.digest, key.kind};
        line.checksum = checksum_of(key.digest, key.kind, value);
        line.used = static_cast<std::uint32_t>(std::time(nullptr));
        append(value, line);
        add(line);
    }

    void sweep(const std::function<bool(const Digest&)>& named, std::time_t now) {
        std::vector<Swept> tables;
        std::map<Number, std::uint64_t> needed;  // bytes in each file
        for (const Entry& entry : entries(index_, Absent::is_empty)) {
            Swept& table = tables.emplace_back(Swept{entry.path, all_in(entry.path)});
            const std::size_t before = table.lines.size();
            table.lines = last_of_each(table.lines);
            std::erase_if(table.lines, [&](const Line& line) {
                if (table_of(line.digest) != table.path) return true;  // damaged, or a temporary
                if (line.kind != Key::Kind::package) return !line.used_within(month, now);
                return !named(line.digest) && !line.used_within(day, now);
            });
            table.is_changed = table.lines.size() < before;
            for (const Line& line : table.lines) needed[line.file] += line.size;
        }
        const std::set<Number> gone = compacted(tables, needed);
        for (const Swept& table : tables) save(table);
        for (const Entry& entry : entries(values_, Absent::is_empty)) {
            const auto number = number_of(entry.name());
            if (!number || gone.contains(*number)) remove_tree(entry.path);
        }
        for (const Entry& entry : entries(directory_, Absent::is_empty)) {
            const bool ours = entry.path == index_ || entry.path == values_;
            if (!ours || entry.kind != core::Kind::directory) remove_tree(entry.path);
        }
    }

  private:
    /// A file of the index as it is read, and what it was then.
    struct Table {
        struct stat status {};
        std::vector<Line> lines;
    };

    struct Found {
        Line line;
        std::size_t number;  // in its table
        ino_t table;
    };

    struct Swept {
        fs::path path;
        std::vector<Line> lines;  // those that are needed
        bool is_changed = false;
    };

    fs::path table_of(const Digest& digest) const {
        // Put together as text: a path is taken apart each time that something is added to it.
        return index_.native() + fmt::format("/{:02x}", digest.bytes[0]);
    }

    fs::path file_of(Number number) const {
        return values_.native() + "/" + std::to_string(number);
    }

    /// As it is on disk now.
    std::shared_ptr<const Table> table(const Digest& digest) {
        const fs::path file = table_of(digest);
        Table now;
        if (::stat(file.c_str(), &now.status) != 0) return nullptr;
        const std::lock_guard lock(mutex_);
        auto& known = tables_.at(digest.bytes[0]);
        if (!known || !is_same(known->status, now.status)) {
            now.lines = lines_in(read_file(file));
            known = std::make_shared<const Table>(std::move(now));
        }
        return known;
    }

    std::optional<Found> find(const Key& key) {
        const auto all = table(key.digest);
        if (!all) return std::nullopt;
        for (std::size_t i = all->lines.size(); i-- > 0;) {
            if (all->lines[i].is_of(key)) return Found{all->lines[i], i, all->status.st_ino};
        }
        return std::nullopt;
    }

    /// In place, so that what is only read costs no room. Once a day is often enough.
    void mark(const Found& found) const {
        const std::time_t now = std::time(nullptr);
        if (found.line.used_within(day, now)) return;
        // One who may only read the depot cannot, and need not.
        const File table(::open(table_of(found.line.digest).c_str(), O_WRONLY | O_CLOEXEC));
        if (table.descriptor() < 0 || status_of(table).st_ino != found.table) return;
        const auto used = static_cast<std::uint32_t>(now);
        const std::size_t at = found.number * sizeof(Line) + offsetof(Line, used);
        if (::pwrite(table.descriptor(), &used, sizeof used, static_cast<off_t>(at)) < 0) return;
    }

    std::optional<std::string> value_at(const Line& line) {
        const std::shared_ptr<const File> file = opened(line.file);
        const auto size = static_cast<std::uint64_t>(status_of(*file).st_size);
        if (line.size > size || line.offset > size - line.size) return std::nullopt;
        std::string value(line.size, '\0');
        for (std::size_t filled = 0; filled < value.size();) {
            const ssize_t got =
                ::pread(file->descriptor(), value.data() + filled, value.size() - filled,
                        static_cast<off_t>(line.offset + filled));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return std::nullopt;
            filled += static_cast<std::size_t>(got);
        }
        if (checksum_of(line.digest, line.kind, value) != line.checksum) return std::nullopt;
        return value;
    }

    std::shared_ptr<const File> opened(Number number) {
        const std::lock_guard lock(mutex_);
        if (files_.size() == most_open_files && !files_.contains(number)) files_.clear();
        auto& known = files_[number];
        if (!known || status_of(*known).st_nlink == 0) {
            known = nullptr;
            known = std::make_shared<const File>(File::open_to_read(file_of(number)));
        }
        return known;
    }

    /// Says in the line where the value is. What others append at the same time stands before or
    /// behind it.
    void append(std::string_view value, Line& line) {
        const std::lock_guard lock(mutex_);
        if (!can_be_added_to()) open_last();
        last_.write(value);
        const off_t end = ::lseek(last_.descriptor(), 0, SEEK_CUR);
        if (end < 0) throw system_error("cannot tell where a value is");
        line.file = number_;
        line.offset = static_cast<std::uint64_t>(end) - value.size();
        line.size = static_cast<std::uint32_t>(value.size());
    }

    /// Not what the parent process opened: they would share one position.
    bool can_be_added_to() const {
        if (last_.descriptor() < 0 || owner_ != ::getpid() || number_ < least_) return false;
        const struct stat status = status_of(last_);
        return status.st_nlink > 0 && static_cast<std::uint64_t>(status.st_size) < large;
    }

    void open_last() {
        number_ = std::max<Number>(least_, 1);
        for (const Entry& entry : entries(values_, Absent::is_empty)) {
            number_ = std::max(number_, number_of(entry.name()).value_or(0));
        }
        last_ = open_to_append(file_of(number_));
        if (last_.size() >= large) last_ = open_to_append(file_of(++number_));
        owner_ = ::getpid();
    }

    /// A file that ends within a line (a power cut, a full disk) is begun anew.
    void add(const Line& line) const {
        const fs::path name = table_of(line.digest);
        while (true) {
            File table = open_to_append(name);
            if (table.size() % sizeof(Line) == 0) return table.write(bytes_of(line));
            if (::unlink(name.c_str()) != 0 && errno != ENOENT) {
                throw system_error("cannot remove " + name.string());
            }
        }
    }

    /// Empties the files of which less than half is needed, and returns their numbers.
    std::set<Number> compacted(std::vector<Swept>& tables,
                               const std::map<Number, std::uint64_t>& needed) {
        std::set<Number> wasted;  // or no files
        Number last = 0;
        for (const Entry& entry : entries(values_, Absent::is_empty)) {
            const auto number = number_of(entry.name());
            if (!number) continue;
            last = std::max(last, *number);
            const auto found = needed.find(*number);
            const std::uint64_t bytes = found == needed.end() ? 0 : found->second;
            const bool is_full =
                entry.kind == core::Kind::file && bytes > size_of(entry.path).value_or(0) / 2;
            if (!is_full) wasted.insert(*number);
        }
        if (wasted.contains(last)) {
            const std::lock_guard lock(mutex_);
            least_ = last + 1;
        }
        for (Swept& table : tables) {
            std::erase_if(table.lines, [&](Line& line) {
                if (!wasted.contains(line.file)) return false;
                table.is_changed = true;
                return !is_moved(line);
            });
        }
        return wasted;
    }

    bool is_moved(Line& line) {
        try {
            const auto value = value_at(line);
            if (value) append(*value, line);
            return value.has_value();
        } catch (const Error&) {
            return false;  // as if it were not there
        }
    }

    static void save(const Swept& table) {
        if (table.lines.empty()) return remove_tree(table.path);
        if (!table.is_changed) return;
        std::string bytes;
        for (const Line& line : table.lines) bytes += bytes_of(line);
        write_file(table.path, bytes);
    }

    const fs::path directory_, index_, values_;
    std::mutex mutex_;
    std::array<std::shared_ptr<const Table>, 256> tables_;  // by the first byte of digests
    std::map<Number, std::shared_ptr<const File>> files_;   // to be read
    File last_;                                             // to be added to
    Number number_ = 0;                                     // its own
    Number least_ = 0;                                      // those below are about to go
    pid_t owner_ = 0;                                       // the process that opened it
};

Cache::Cache(fs::path directory) : store_(std::make_shared<Store>(std::move(directory))) {}

std::optional<std::string> Cache::get(const Key& key) const {
    try {
        return store_->get(key);
    } catch (const Error&) {
        return std::nullopt;  // missing and unreadable are the same here
    }
}

void Cache::put(const Key& key, std::string_view value) const {
    try {
        store_->put(key, value);
    } catch (const Error&) {
        return;  // a full disk, another's depot: it is made anew next time
    }
}

void Cache::mark_as_used(const Key& key) const {
    try {
        store_->mark(key);
    } catch (const Error&) {
        return;
    }
}

void Cache::sweep(const std::function<bool(const Digest&)>& named, std::time_t now) const {
    store_->sweep(named, now);
}

}  // namespace core
