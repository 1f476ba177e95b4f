// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/cache.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/store/cache_line.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

using Number = std::uint32_t;  // of a file of values

constexpr std::uint64_t large = 64u << 20;   // a file of values that has so much is not added to
constexpr std::size_t most_open_files = 64;  // bounds descriptors
constexpr std::time_t one_day = 24 * 60 * 60;
constexpr std::time_t one_month = 31 * one_day;

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

struct stat examined(const File& file) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) throw system_error("cannot examine a file");
    return status;
}

bool is_same(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::optional<Number> number_of(const std::string& name) {
    const auto number = whole_number<Number>(name);
    return number && name == std::to_string(*number) ? number : std::nullopt;
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
        CacheLine line{key.digest, key.kind};
        line.checksum = checksum_of(key.digest, key.kind, value);
        line.used = static_cast<std::uint32_t>(std::time(nullptr));
        append(value, line);
        add(line);
    }

    void sweep(const std::function<bool(const Digest&)>& named, std::time_t now) {
        std::vector<Swept> tables;
        std::map<Number, std::uint64_t> needed;  // bytes in each file
        for (const Entry& entry : entries(index_, Absent::is_empty)) {
            Swept& table = tables.emplace_back(Swept{entry.path, lines_of(entry.path)});
            const std::size_t before = table.lines.size();
            table.lines = last_of_each(table.lines);
            std::erase_if(table.lines, [&](const CacheLine& line) {
                if (table_of(line.digest) != table.path) return true;  // damaged, or a temporary
                if (line.kind != Key::Kind::package) return !line.used_within(one_month, now);
                return !named(line.digest) && !line.used_within(one_day, now);
            });
            table.is_changed = table.lines.size() < before;
            for (const CacheLine& line : table.lines) needed[line.file] += line.size;
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
        std::vector<CacheLine> lines;
    };

    struct Found {
        CacheLine line;
        std::size_t number;  // in its table
        ino_t table;
    };

    struct Swept {
        fs::path path;
        std::vector<CacheLine> lines;  // those that are needed
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
        if (found.line.used_within(one_day, now)) return;
        // One who may only read the depot cannot, and need not.
        const File table(::open(table_of(found.line.digest).c_str(), O_WRONLY | O_CLOEXEC));
        if (table.descriptor() < 0 || examined(table).st_ino != found.table) return;
        const auto used = static_cast<std::uint32_t>(now);
        const std::size_t at = found.number * sizeof(CacheLine) + offsetof(CacheLine, used);
        if (::pwrite(table.descriptor(), &used, sizeof used, static_cast<off_t>(at)) < 0) return;
    }

    std::optional<std::string> value_at(const CacheLine& line) {
        const std::shared_ptr<const File> file = opened(line.file);
        const auto size = static_cast<std::uint64_t>(examined(*file).st_size);
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
        if (!known || examined(*known).st_nlink == 0) {
            known = nullptr;
            known = std::make_shared<const File>(File::open_to_read(file_of(number)));
        }
        return known;
    }

    /// Says in the line where the value is. What others append at the same time stands before or
    /// behind it.
    void append(std::string_view value, CacheLine& line) {
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
        const struct stat status = examined(last_);
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
    void add(const CacheLine& line) const {
        const fs::path name = table_of(line.digest);
        while (true) {
            File table = open_to_append(name);
            if (table.size() % sizeof(CacheLine) == 0) return table.write(line.bytes());
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
            std::erase_if(table.lines, [&](CacheLine& line) {
                if (!wasted.contains(line.file)) return false;
                table.is_changed = true;
                return !is_moved(line);
            });
        }
        return wasted;
    }

    bool is_moved(CacheLine& line) {
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
        for (const CacheLine& line : table.lines) bytes += line.bytes();
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
