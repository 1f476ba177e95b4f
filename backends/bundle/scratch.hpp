// SPDX-License-Identifier: GPL-3.0-or-later
// The scratch files of one reading: numbered, written and hashed in one go, and gone again unless
// the reading is a success.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/model/digest.hpp"
#include "core/system/files.hpp"
#include "core/system/flusher.hpp"

namespace bundle {

class Scratch {
  public:
    Scratch(std::filesystem::path directory, core::Flusher& flusher);
    ~Scratch();  // removes what was not handed over
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    struct Written {
        std::filesystem::path file;  // empty if nothing was written
        core::Digest digest;
        std::uint64_t size = 0;
    };

    using Sink = std::function<void(std::string_view)>;

    /// Calls `fill` with a sink that appends to a new file, which is made for the first bytes:
    /// there may be very many files without any. Several threads may write at once.
    Written write(const std::function<void(const Sink&)>& fill);

    /// A new file, open to be written by somebody else, and its name.
    struct Opened {
        std::filesystem::path path;
        core::File file;
    };
    Opened create();

    /// What somebody else wrote, who cannot write any more: read from its begin to its end, each
    /// block given to `sink` too. Several threads may do so at once. An empty file is removed.
    Written take_in(const std::filesystem::path& file, const Sink& sink);

    /// Nothing if `file` is empty.
    void remove(const std::filesystem::path& file);

    /// What is left belongs to the caller from now on. It is in directories below that of the
    /// constructor.
    void hand_over();

  private:
    // Threads that make files in one directory wait for each other.
    static constexpr std::size_t most_directories = 16;

    std::filesystem::path new_name();

    std::filesystem::path directory_;
    core::Flusher& flusher_;
    std::mutex mutex_;  // for what follows
    std::unordered_set<std::string> files_;
    std::vector<std::filesystem::path> directories_;
    std::size_t number_ = 0;
};

}  // namespace bundle
