// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/shards/stored_shard.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "backends/shards/gzip.hpp"
#include "core/error.hpp"

namespace shards {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view magic = "sluice shard 1\n";
constexpr std::size_t key_size = 32;
constexpr std::size_t section_entry = 12;

// To make a directory and a file in it, while someone deletes the cache. Where that is not the
// reason of the failure, all of them take some milliseconds.
constexpr int most_attempts = 1000;

std::size_t head_size(std::size_t sections) {
    return magic.size() + key_size + 4 + sections * section_entry + 4;
}

void append_number(std::string& bytes, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
    }
    return value;
}

/// Everything of the head that is known before the sections are.
std::string head_start(const core::Digest& key, std::size_t sections) {
    std::string head(magic);
    head.append(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    append_number(head, sections, 4);
    return head;
}

fs::path file_of(const fs::path& directory, const std::string& name) {
    // Put together as text: a path is taken apart each time that something is added to it.
    return directory.native() + "/" + name.substr(0, 2) + "/" + name;
}

/// False if the file ends before `buffer` is full, or cannot be read.
bool read_at(const core::File& file, std::uint64_t offset, std::span<char> bytes) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::pread(file.descriptor(), bytes.data() + filled, bytes.size() - filled,
                                    static_cast<off_t>(offset + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        filled += static_cast<std::size_t>(got);
    }
    return true;
}

void mark_as_used(const core::File& file) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) return;
    if (std::time(nullptr) - status.st_mtime < often_enough) return;
    ::futimens(file.descriptor(), nullptr);  // one who may only read the depot cannot, and need not
}

/// Opens a name beside `target` that nobody else uses. The directory may be deleted by anyone
/// between the moment it is made and the moment it is used.
core::File create_beside(const fs::path& target, fs::path& temporary) {
    static std::atomic<unsigned> counter{0};
    temporary =
        target.parent_path() / ("." + target.filename().string() + "." +
                                std::to_string(::getpid()) + "." + std::to_string(counter++));
    for (int attempt = 0;; ++attempt) {
        try {
            core::make_directories(target.parent_path());
            return core::File::create(temporary);
        } catch (const core::Error&) {
            if (attempt == most_attempts) throw;
        }
    }
}

/// Writes a file and renames it into place; the descriptor stays open for reading.
core::File write_new(const fs::path& target, const std::string& head,
                     const std::vector<std::string>& sections) {
    fs::path temporary;
    core::File file = create_beside(target, temporary);
    try {
        core::with_context(target.string(), [&] {
            file.write(head);
            for (const std::string& section : sections) file.write(section);
        });
        // If the file was deleted meanwhile there is nothing to rename, but it can still be read.
        if (::rename(temporary.c_str(), target.c_str()) != 0 && errno != ENOENT) {
            throw core::system_error("cannot create " + target.string());
        }
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    return file;
}

}  // namespace

StoredShard::StoredShard(core::File file, std::vector<Section> sections)
    : file_(std::move(file)), sections_(std::move(sections)) {}

std::optional<StoredShard> StoredShard::open(const fs::path& directory, const core::Digest& key,
                                             std::size_t sections) {
    std::optional<core::File> file;
    std::string head(head_size(sections), '\0');
    try {
        file = core::File::open_to_read(file_of(directory, key.hex()));
    } catch (const core::Error&) {
        return std::nullopt;  // missing and unreadable are the same here: it is made anew
    }
    if (!read_at(*file, 0, head)) return std::nullopt;
    const std::string start = head_start(key, sections);
    if (!head.starts_with(start)) return std::nullopt;
    const std::size_t checked = head.size() - 4;
    if (crc32(std::string_view(head).substr(0, checked)) != number_at(head, checked, 4)) {
        return std::nullopt;
    }
    std::vector<Section> table;
    std::uint64_t offset = head.size();
    for (std::size_t i = 0; i < sections; ++i) {
        const std::size_t entry = start.size() + i * section_entry;
        const std::uint64_t size = number_at(head, entry, 8);
        table.push_back({offset, size, static_cast<std::uint32_t>(number_at(head, entry + 8, 4))});
        offset += size;
    }
    if (file->size() != offset) return std::nullopt;
    shards::mark_as_used(*file);
    return StoredShard(std::move(*file), std::move(table));
}

StoredShard StoredShard::create(const fs::path& directory, const core::Digest& key,
                                const std::vector<std::string>& sections) {
    std::string head = head_start(key, sections.size());
    std::vector<Section> table;
    std::uint64_t offset = head_size(sections.size());
    for (const std::string& section : sections) {
        table.push_back({offset, section.size(), crc32(section)});
        append_number(head, section.size(), 8);
        append_number(head, table.back().crc, 4);
        offset += section.size();
    }
    append_number(head, crc32(head), 4);

    const fs::path target = file_of(directory, key.hex());
    return StoredShard(write_new(target, head, sections), std::move(table));
}

void StoredShard::mark_as_used(const fs::path& directory, const core::Digest& key) {
    ::utimensat(AT_FDCWD, file_of(directory, key.hex()).c_str(), nullptr, 0);
}

std::optional<std::string_view> StoredShard::read(std::size_t section, std::string& room) const {
    const Section& whole = sections_.at(section);
    return read(section, {0, whole.size, whole.crc}, room);
}

std::optional<std::string_view> StoredShard::read(std::size_t section, const Section& part,
                                                  std::string& room) const {
    const Section& whole = sections_.at(section);
    if (part.size > whole.size || part.offset > whole.size - part.size) return std::nullopt;
    const auto size = static_cast<std::size_t>(part.size);
    if (room.size() < size) room.resize(size);
    if (!read_at(file_, whole.offset + part.offset, {room.data(), size})) return std::nullopt;
    const std::string_view bytes(room.data(), size);
    return crc32(bytes) == part.crc ? std::optional(bytes) : std::nullopt;
}

}  // namespace shards
