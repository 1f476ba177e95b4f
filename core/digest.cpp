// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/error.hpp"
#include "core/files.hpp"

namespace core {
namespace {

/// By character; -1 for those that are no hexadecimal digits. Rosters hold very many digests.
constexpr std::array<std::int8_t, 256> hexadecimal_values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    std::int8_t value = 0;
    for (const unsigned char digit : std::string_view("0123456789abcdef")) values[digit] = value++;
    return values;
}();

int hexadecimal_value(char c) {
    return hexadecimal_values[static_cast<unsigned char>(c)];
}

std::string to_hexadecimal(const std::uint8_t* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(2 * count, '0');
    char* at = text.data();
    for (std::size_t i = 0; i < count; ++i) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace

std::string Digest::hex() const {
    return to_hexadecimal(bytes.data(), bytes.size());
}

Digest Digest::parse(std::string_view hex) {
    Digest digest;
    if (hex.size() != 2 * digest.bytes.size()) throw Error("not a SHA-256 digest");
    for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
        const int high = hexadecimal_value(hex[2 * i]);
        const int low = hexadecimal_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) throw Error("not a SHA-256 digest");
        digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

struct Hasher::Context {
    EVP_MD_CTX* evp = EVP_MD_CTX_new();

    Context() { start(); }
    ~Context() { EVP_MD_CTX_free(evp); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    void start() const {
        if (evp == nullptr || EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) != 1) {
            throw Error("cannot compute SHA-256 digests");
        }
    }
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) != 1) {
        throw Error("cannot compute a SHA-256 digest");
    }
}

Digest Hasher::finish() {
    Digest digest;
    if (EVP_DigestFinal_ex(context_->evp, digest.bytes.data(), nullptr) != 1) {
        throw Error("cannot compute a SHA-256 digest");
    }
    context_->start();
    return digest;
}

Digest sha256(std::string_view bytes) {
    Hasher hasher;
    hasher.update(bytes);
    return hasher.finish();
}

Digest sha256_file(const std::filesystem::path& file) {
    File opened = File::open_to_read(file);
    Hasher hasher;
    std::string buffer(1 << 17, '\0');
    return with_context(file.string(), [&] {
        while (const std::size_t got = opened.read(buffer.data(), buffer.size())) {
            hasher.update(std::string_view(buffer).substr(0, got));
        }
        return hasher.finish();
    });
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), code.data(),
             &size) == nullptr) {
        throw Error("cannot compute an HMAC");
    }
    return to_hexadecimal(code.data(), size);
}

}  // namespace core
