// SPDX-License-Identifier: GPL-3.0-or-later
// The file system operations sluice is made of. All throw Error with the path and the system's
// reason. Only directory paths of ours are given to them, never a name from a provider.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/model/digest.hpp"

namespace core {

/// An open file descriptor; closed by the destructor, which cannot tell of a failure. Call close()
/// before success is claimed for anything that was written.
class File {
  public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File();
    File(File&& other) noexcept : descriptor_(other.release()) {}
    File& operator=(File&& other) noexcept;

    /// Regular files only; a pipe is not waited for.
    static File open_to_read(const std::filesystem::path& file);

    /// To read and write in place; likewise. `flags` are those of open(2) beyond that. One that is
    /// not there (ENOENT) has no descriptor.
    static File open_to_write(const std::filesystem::path& file, int flags = 0);

    static File create(const std::filesystem::path& file, unsigned mode = 0644);  // must not exist

    int descriptor() const { return descriptor_; }
    int release() noexcept;
    void write(std::string_view bytes);
    std::size_t read(char* buffer, std::size_t size);  // 0: end of file
    std::uint64_t size() const;
    void sync();
    void close();

  private:
    int descriptor_ = -1;
};

/// Makes room for `count` open files, or as many as the process may have. Linux enlarges the table
/// of descriptors when it is full, and if threads share it every one that opens a file then waits
/// 10 to 30 ms, for an RCU grace period. Called while there is one thread, nobody ever waits.
void expect_open_files(int count) noexcept;

/// Throws Error if the file is larger than `limit` bytes.
std::string read_file(const std::filesystem::path& file, std::uint64_t limit = 1ull << 30);

Digest sha256_file(const std::filesystem::path& file);

/// Creates or replaces by rename: readers see the old content or the new one, never a part.
/// `durable`: both the content and the name are on disk when this returns.
void write_file(const std::filesystem::path& file, std::string_view bytes, bool durable = false);

/// The same, still open: to be flushed by somebody else.
File written_file(const std::filesystem::path& file, std::string_view bytes);

void make_directories(const std::filesystem::path& directory);
void sync_directory(const std::filesystem::path& directory);

/// Mode 0700; nothing if a directory is there.
void make_private_directory(const std::filesystem::path& directory);

void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Hard link; if `to` is already the same file, nothing. Another file there is an Error.
void hard_link(const std::filesystem::path& from, const std::filesystem::path& to);

/// A symbolic link of a name that is not taken.
void new_link(const std::filesystem::path& link, const std::filesystem::path& target);

/// Makes `link` a symbolic link to `target`, replacing what was there by rename.
void point(const std::filesystem::path& link, const std::filesystem::path& target);

void remove_tree(const std::filesystem::path& path);

/// The same, but nobody sees a part of it: it is renamed first. What is left of it after a crash is
/// a temporary of its parent directory.
void remove_at_once(const std::filesystem::path& path);

/// True for the name of a temporary: something that is about to be renamed into place, or removed.
bool is_temporary(std::string_view name);

}  // namespace core
