// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/server/response.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <unistd.h>

namespace server {
namespace {

constexpr std::size_t block = 16 << 10;  // of several parts; held by each such connection

struct Text {
    std::string bytes;
    AnswerMemory& memory;
};

void end_text(void* text) {
    const std::unique_ptr<Text> owner(static_cast<Text*>(text));
    owner->memory.give_back(owner->bytes.size());
}

void end_parts(void* parts) {
    delete static_cast<FileParts*>(parts);
}

std::size_t copied(std::string_view from, std::uint64_t offset, char* buffer, std::size_t size) {
    const std::size_t count = std::min<std::size_t>(size, from.size() - offset);
    std::memcpy(buffer, from.data() + offset, count);
    return count;
}

/// What is at `position` of all parts and the text between them, or an error of the disk.
ssize_t read_parts(void* cls, std::uint64_t position, char* buffer, std::size_t size) {
    const FileParts& parts = *static_cast<const FileParts*>(cls);
    for (const FileParts::Part& part : parts.parts) {
        if (position < part.before.size()) {
            return static_cast<ssize_t>(copied(part.before, position, buffer, size));
        }
        position -= part.before.size();
        if (position < part.size) {
            const std::size_t wanted = std::min<std::uint64_t>(size, part.size - position);
            const ssize_t got = ::pread(parts.file.descriptor(), buffer, wanted,
                                        static_cast<off_t>(part.offset + position));
            return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
        }
        position -= part.size;
    }
    return static_cast<ssize_t>(copied(parts.after, position, buffer, size));
}

Response taken(MHD_Response* response) {
    if (response == nullptr) throw std::bad_alloc();
    return Response(response);
}

Response response_of(std::string bytes, AnswerMemory& memory) {
    auto text = std::make_unique<Text>(Text{std::move(bytes), memory});
    Response response = taken(
        mhd().response_of_buffer(text->bytes.size(), text->bytes.data(), end_text, text.get()));
    static_cast<void>(text.release());
    return response;
}

Response response_of(FileParts body) {
    const std::uint64_t size = body.size();
    if (body.parts.size() == 1 && body.parts[0].size == size) {  // by sendfile
        Response response =
            taken(mhd().response_of_file(size, body.file.descriptor(), body.parts[0].offset));
        body.file.release();
        return response;
    }
    auto parts = std::make_unique<FileParts>(std::move(body));
    Response response =
        taken(mhd().response_of_callback(size, block, read_parts, parts.get(), end_parts));
    static_cast<void>(parts.release());
    return response;
}

Response response_of(Answer& answer, AnswerMemory& memory) {
    if (auto* file = std::get_if<FileParts>(&answer.body)) return response_of(std::move(*file));
    auto& text = std::get<std::string>(answer.body);
    if (!memory.take(text.size())) {
        answer = {503, {{"Retry-After", "1"}}, {}};
        return response_of(std::string(), memory);
    }
    return response_of(std::move(text), memory);
}

}  // namespace

bool AnswerMemory::take(std::size_t bytes) {
    std::size_t before = used_;
    do {
        if (before > 0 && before + bytes > most_) return false;
    } while (!used_.compare_exchange_weak(before, before + bytes));
    return true;
}

Made make_response(Answer answer, AnswerMemory& memory, bool keep_alive) {
    Response response = response_of(answer, memory);
    for (const auto& [name, value] : answer.headers) {
        mhd().add_response_header(response.get(), name.c_str(), value.c_str());
    }
    if (!keep_alive) mhd().add_response_header(response.get(), "Connection", "close");
    return {static_cast<unsigned>(answer.status), std::move(response)};
}

}  // namespace server
