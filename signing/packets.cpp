// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/packets.hpp"

#include <fmt/format.h>

namespace signing {
namespace {

/// Reads big-endian numbers and pieces off the front of hostile bytes.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool done() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

    std::string_view take(std::size_t count) {
        if (count > rest_.size()) throw Malformed("an OpenPGP packet is cut");
        const std::string_view piece = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return piece;
    }

    std::uint32_t number(std::size_t octets) {
        std::uint32_t value = 0;
        for (const char c : take(octets)) value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }

    int octet() { return static_cast<int>(number(1)); }

  private:
    std::string_view rest_;
};

/// A length of the new packet format (§4.2.2).
std::size_t new_length(Reader& reader) {
    const std::uint32_t first = reader.number(1);
    if (first < 192) return first;
    if (first < 224) return ((first - 192) << 8) + reader.number(1) + 192;
    if (first == 255) return reader.number(4);
    throw Malformed("an OpenPGP packet comes in parts");
}

/// A length of a subpacket (§5.2.3.1): as above, without parts.
std::size_t subpacket_length(Reader& reader) {
    const std::uint32_t first = reader.number(1);
    if (first < 192) return first;
    if (first < 255) return ((first - 192) << 8) + reader.number(1) + 192;
    return reader.number(4);
}

std::size_t old_length(Reader& reader, int header) {
    switch (header & 3) {
        case 0:
            return reader.number(1);
        case 1:
            return reader.number(2);
        case 2:
            return reader.number(4);
        default:
            throw Malformed("an OpenPGP packet does not say its length");
    }
}

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
    return text;
}

core::Time time_of(std::uint32_t seconds) {
    return core::Time(std::chrono::seconds(seconds));
}

/// The time counts only where the signature covers it; who made it is a hint in either area.
void read_subpackets(std::string_view area, bool hashed, SignaturePacket& signature) {
    constexpr int creation_time = 2;
    constexpr int expiration_time = 3;
    constexpr int issuer_key_id = 16;
    constexpr int embedded_signature = 32;
    constexpr int issuer_fingerprint = 33;
    Reader reader(area);
    while (!reader.done()) {
        const std::size_t length = subpacket_length(reader);
        Reader subpacket(reader.take(length));
        const int type = subpacket.octet() & 0x7F;
        if (type == creation_time && hashed) {
            signature.made = time_of(subpacket.number(4));
        } else if (type == expiration_time && hashed) {
            signature.expires = subpacket.number(4) != 0;
        } else if (type == embedded_signature) {
            signature.embedded.push_back(subpacket.take(subpacket.left()));
        } else if (type == issuer_key_id && signature.issuer.empty()) {
            signature.issuer = hexadecimal(subpacket.take(8));
        } else if (type == issuer_fingerprint && subpacket.left() == 21) {
            subpacket.take(1);
            signature.issuer = hexadecimal(subpacket.take(20));
        }
    }
}

/// How many numbers a signature of this algorithm consists of (§9.1).
int numbers_of(int algorithm) {
    switch (algorithm) {
        case 1:  // RSA
        case 3:
            return 1;
        case 17:  // DSA, ECDSA, EdDSA
        case 19:
        case 22:
            return 2;
        default:
            throw Malformed(fmt::format("a signature of unknown algorithm {}", algorithm));
    }
}

/// What stands behind all that a signature says of itself (§5.2.2): the beginning of the digest, as
/// a hint, and the numbers. Zeros are none.
void check_numbers(Reader& reader, int algorithm) {
    reader.take(2);
    for (int left = numbers_of(algorithm); left > 0; --left) {
        const std::uint32_t bits = reader.number(2);
        if (bits == 0) throw Malformed("a signature holds no signature");
        reader.take((bits + 7) / 8);
    }
    if (!reader.done()) throw Malformed("a signature goes on after its end");
}

void check_digest(int digest) {
    const bool known = (digest >= 1 && digest <= 3) || (digest >= 8 && digest <= 11);
    if (!known) throw Malformed(fmt::format("a signature over unknown digest {}", digest));
}

}  // namespace

std::vector<Packet> split_packets(std::string_view bytes, std::size_t limit) {
    std::vector<Packet> packets;
    Reader reader(bytes);
    while (!reader.done()) {
        if (packets.size() == limit) throw Malformed("there are too many OpenPGP packets");
        const std::size_t begin = bytes.size() - reader.left();
        const int header = reader.octet();
        if ((header & 0x80) == 0) throw Malformed("there is no OpenPGP packet");
        Packet packet;
        const bool new_format = (header & 0x40) != 0;
        packet.tag = new_format ? header & 0x3F : (header >> 2) & 0x0F;
        const std::size_t length = new_format ? new_length(reader) : old_length(reader, header);
        packet.body = reader.take(length);
        packet.whole = bytes.substr(begin, bytes.size() - reader.left() - begin);
        packets.push_back(packet);
    }
    if (packets.empty()) throw Malformed("there is no OpenPGP packet");
    return packets;
}

SignaturePacket read_signature(std::string_view body) {
    SignaturePacket signature;
    Reader reader(body);
    signature.version = reader.octet();
    if (signature.version == 3) {
        if (reader.octet() != 5) throw Malformed("a version 3 signature is damaged");
        signature.type = reader.octet();
        signature.made = time_of(reader.number(4));
        signature.issuer = hexadecimal(reader.take(8));
        signature.algorithm = reader.octet();
        signature.digest = reader.octet();
    } else if (signature.version == 4) {
        signature.type = reader.octet();
        signature.algorithm = reader.octet();
        signature.digest = reader.octet();
        read_subpackets(reader.take(reader.number(2)), true, signature);
        read_subpackets(reader.take(reader.number(2)), false, signature);
    } else {
        return signature;
    }
    check_digest(signature.digest);
    check_numbers(reader, signature.algorithm);
    if (signature.issuer.empty()) throw Malformed("a signature does not say who made it");
    return signature;
}

core::Time made_in_key(std::string_view body) {
    Reader reader(body);
    if (reader.octet() != 4) throw Malformed("there is a key of a version other than 4");
    return time_of(reader.number(4));
}

}  // namespace signing
