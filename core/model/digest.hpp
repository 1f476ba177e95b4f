// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256, the identity of everything sluice keeps (FIPS 180-4; the work is done by OpenSSL).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace core {

struct Digest {
    std::array<std::uint8_t, 32> bytes{};

    /// 64 lower-case hexadecimal digits.
    std::string hex() const;

    /// Throws Error unless `hex` is exactly what hex() makes.
    static Digest parse(std::string_view hex);

    auto operator<=>(const Digest&) const = default;
};

/// Computes a digest from pieces. Not thread-safe; movable.
class Hasher {
  public:
    static constexpr std::size_t block = 64;

    /// Where a computation stands, by value: FIPS 180-4's eight words after all whole blocks, and
    /// the bytes of the block that has begun (size % block of them).
    struct State {
        std::array<std::uint32_t, 8> words{};
        std::uint64_t size = 0;  // bytes given so far
        std::array<char, block> begun{};
    };

    Hasher();
    /// Goes on from there.
    explicit Hasher(const State& state);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    void update(std::string_view bytes);

    State state() const;

    /// The digest of all that was given; the hasher is then as new.
    Digest finish();

    /// False if a computation that goes on from a state gives another digest than FIPS 180-4 says:
    /// then states must not be used. Tried once in a process.
    static bool can_go_on();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

Digest sha256(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104) in hexadecimal.
std::string hmac_sha256(std::string_view key, std::string_view message);

}  // namespace core

template <>
struct std::hash<core::Digest> {
    std::size_t operator()(const core::Digest& digest) const noexcept {
        std::size_t value = 0;  // a digest is as good as random: its first bytes are a fine hash
        for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | digest.bytes[i];
        return value;
    }
};
