// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/xz.hpp"

#include <algorithm>
#include <lzma.h>
#include <string>

#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace apt {
namespace {

/// A stream of independent blocks, made in parallel; how many threads there are changes no byte.
class Encoder {
  public:
    Encoder() {
        lzma_mt options{};
        options.threads =
            static_cast<std::uint32_t>(std::min<std::size_t>(core::parallel_width(), 8));
        options.block_size = 2u << 20;  // bounds memory: about 50 MB for each thread
        options.preset = 6;
        options.check = LZMA_CHECK_CRC64;
        if (lzma_stream_encoder_mt(&stream_, &options) != LZMA_OK) {
            throw core::Error("cannot start xz compression");
        }
    }
    ~Encoder() { lzma_end(&stream_); }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    /// Compresses `input`; what is ready goes to `output`. After the last piece all of it does.
    void encode(std::string_view input, bool last, core::File& output) {
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
        stream_.avail_in = input.size();
        lzma_ret state = LZMA_OK;
        do {
            stream_.next_out = reinterpret_cast<std::uint8_t*>(buffer_.data());
            stream_.avail_out = buffer_.size();
            state = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
            if (state != LZMA_OK && state != LZMA_STREAM_END) {
                throw core::Error("xz compression failed");
            }
            output.write(std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out));
        } while (last ? state != LZMA_STREAM_END : stream_.avail_in > 0);
    }

  private:
    lzma_stream stream_ = LZMA_STREAM_INIT;
    std::string buffer_ = std::string(1 << 16, '\0');
};

}  // namespace

core::File write_xz(const std::filesystem::path& gzip, std::uint64_t size,
                    const std::filesystem::path& to) {
    core::File output = core::File::create(to);
    Encoder encoder;
    core::with_context(to.string(), [&] {
        const bool whole = shards::open_members(
            core::read_file(gzip), size,
            [&](std::string_view text) { encoder.encode(text, false, output); });
        if (!whole) throw core::Error("cannot open " + gzip.string());
        encoder.encode({}, true, output);
    });
    return output;
}

}  // namespace apt
