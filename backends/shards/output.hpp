// SPDX-License-Identifier: GPL-3.0-or-later
// One output of an index, the open or the compressed form of a file, hashed while it is written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backends/shards/milestones.hpp"
#include "core/model/digest.hpp"
#include "core/system/files.hpp"

namespace shards {

class Output {
  public:
    /// Creates `file`. If it is empty, the output is hashed and kept nowhere.
    explicit Output(const std::filesystem::path& file);

    void append(std::string_view bytes);

    /// Begins with the bytes of `earlier` up to `place`, where an output of before stood. False if
    /// they are not there as they were: then begin_anew() comes next. For an output that is kept
    /// nowhere the bytes are not needed. Nothing may have been appended.
    bool begin_as(const std::filesystem::path& earlier, const Place& place);

    /// As if nothing had been written.
    void begin_anew();

    Place place() const { return {hasher_.state(), crc_}; }

    /// True while nothing was written.
    bool empty() const { return size_ == 0; }

    /// An output that is kept is added to `files`, still open.
    void finish(core::Digest& digest, std::uint64_t& size, std::vector<core::File>& files);

  private:
    bool copied(const std::filesystem::path& earlier, const Place& place);

    std::string name_;
    core::File file_;
    core::Hasher hasher_;
    std::uint64_t size_ = 0;
    std::uint32_t crc_ = 0;
};

}  // namespace shards
