// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/xz_writer.hpp"

#include <algorithm>
#include <lzma.h>
#include <string>

#include "core/model/error.hpp"
#include "core/system/parallel.hpp"

namespace archive {

struct XzWriter::State {
    lzma_stream stream = LZMA_STREAM_INIT;
    std::string buffer = std::string(1 << 16, '\0');
};

XzWriter::XzWriter() : state_(std::make_unique<State>()) {
    lzma_mt options{};
    options.threads = static_cast<std::uint32_t>(std::min<std::size_t>(core::parallel_width(), 8));
    options.block_size = 2u << 20;  // bounds memory: about 50 MB for each thread
    options.preset = 6;
    options.check = LZMA_CHECK_CRC64;
    if (lzma_stream_encoder_mt(&state_->stream, &options) != LZMA_OK) {
        throw core::Error("cannot start xz compression");
    }
}

XzWriter::~XzWriter() {
    lzma_end(&state_->stream);
}

void XzWriter::encode(std::string_view input, bool last, core::File& output) {
    auto& [stream, buffer] = *state_;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream.avail_in = input.size();
    lzma_ret status = LZMA_OK;
    do {
        stream.next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
        stream.avail_out = buffer.size();
        status = lzma_code(&stream, last ? LZMA_FINISH : LZMA_RUN);
        if (status != LZMA_OK && status != LZMA_STREAM_END) {
            throw core::Error("xz compression failed");
        }
        output.write(std::string_view(buffer).substr(0, buffer.size() - stream.avail_out));
    } while (last ? status != LZMA_STREAM_END : stream.avail_in > 0);
}

}  // namespace archive
