// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/digest.hpp"

// The functions of SHA-256 itself are deprecated, but EVP neither gives nor takes a state.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <algorithm>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "core/model/error.hpp"

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

/// The library is given whole blocks only, until the end: so its state is the eight words.
struct Hasher::Context {
    SHA256_CTX sha{};
    std::uint64_t size = 0;
    std::array<char, block> begun{};

    Context() { start(); }

    void start() {
        size = 0;
        require(SHA256_Init(&sha));
    }

    void feed(std::string_view bytes) { require(SHA256_Update(&sha, bytes.data(), bytes.size())); }

    std::size_t begun_size() const { return static_cast<std::size_t>(size % block); }

    static void require(int success) {
        if (success != 1) throw Error("cannot compute a SHA-256 digest");
    }
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher::Hasher(const State& state) : Hasher() {
    std::ranges::copy(state.words, context_->sha.h);
    const std::uint64_t bits = (state.size - state.size % block) * 8;
    context_->sha.Nl = static_cast<SHA_LONG>(bits);
    context_->sha.Nh = static_cast<SHA_LONG>(bits >> 32);
    context_->size = state.size;
    context_->begun = state.begun;
}

Hasher::State Hasher::state() const {
    State state;
    std::ranges::copy(context_->sha.h, state.words.begin());
    state.size = context_->size;
    std::copy_n(context_->begun.begin(), context_->begun_size(), state.begun.begin());
    return state;
}

void Hasher::update(std::string_view bytes) {
    Context& context = *context_;
    const std::size_t begun = context.begun_size();
    context.size += bytes.size();
    if (begun > 0) {
        const std::string_view first = bytes.substr(0, block - begun);
        std::ranges::copy(first, context.begun.begin() + static_cast<std::ptrdiff_t>(begun));
        bytes.remove_prefix(first.size());
        if (begun + first.size() < block) return;
        context.feed({context.begun.data(), block});
    }
    const std::size_t whole = bytes.size() - bytes.size() % block;
    if (whole > 0) context.feed(bytes.substr(0, whole));
    std::ranges::copy(bytes.substr(whole), context.begun.begin());
}

Digest Hasher::finish() {
    context_->feed({context_->begun.data(), context_->begun_size()});
    Digest digest;
    Context::require(SHA256_Final(digest.bytes.data(), &context_->sha));
    context_->start();
    return digest;
}

bool Hasher::can_go_on() {
    static const bool can = [] {
        // FIPS 180-4's example of one million times "a", of which the state is taken twice.
        const std::string text(1'000'000, 'a');
        Hasher first;
        first.update(std::string_view(text).substr(0, 100));
        Hasher second(first.state());
        second.update(std::string_view(text).substr(100, 640'000));
        Hasher third(second.state());
        third.update(std::string_view(text).substr(640'100));
        return third.finish().hex() ==
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    }();
    return can;
}

Digest sha256(std::string_view bytes) {
    Hasher hasher;
    hasher.update(bytes);
    return hasher.finish();
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
