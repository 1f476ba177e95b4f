// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/bindings.hpp"

#include <fmt/format.h>
#include <optional>
#include <string>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "signing/packets.hpp"
#include "signing/policy.hpp"

namespace signing {
namespace {

constexpr std::size_t most_packets = 10'000;

/// What the owner types to make the key's own signatures anew; the last date stays.
std::string renewal(const KeyDescription& key, std::string_view which) {
    const auto& expires = key.parts.front().expires;
    return fmt::format("`gpg --cert-digest-algo SHA256 --quick-set-expire {} {}{}`",
                       key.fingerprint(), expires ? core::format_time(*expires).substr(0, 10) : "0",
                       which);
}

/// gpg keeps a subkey's signature over its primary key for ever: only a new subkey has a new one.
std::string new_subkey(const KeyDescription& key) {
    return fmt::format("`gpg --cert-digest-algo SHA256 --quick-add-key {} rsa3072 sign`",
                       key.fingerprint());
}

bool certifies_a_name(const SignaturePacket& signature) {
    return signature.type >= 0x10 && signature.type <= 0x13;
}

/// Walks over the packets and the parts of the keys at once.
class Walk {
  public:
    explicit Walk(std::vector<KeyDescription>& keys) : keys_(keys) {}

    void visit(const Packet& packet) {
        if (packet.tag == tag::public_key) {
            end_key();
            key_ = key_ == nullptr ? keys_.data() : key_ + 1;
            if (key_ == keys_.data() + keys_.size()) mismatch();
            part_ = &key_->parts.front();
            if (part_->made != made_in_key(packet.body)) mismatch();
        } else if (packet.tag == tag::public_subkey) {
            next_part(made_in_key(packet.body));
        } else if (packet.tag == tag::signature && part_ != nullptr) {
            weigh(read_signature(packet.body));
        }
    }

    void end() {
        end_key();
        if (keys_.data() + keys_.size() != (key_ == nullptr ? keys_.data() : key_ + 1)) mismatch();
    }

  private:
    [[noreturn]] static void mismatch() {
        throw core::Error("GnuPG lists other keys than it exports");
    }

    void next_part(core::Time made) {
        if (key_ == nullptr) mismatch();
        const KeyPart* const end = key_->parts.data() + key_->parts.size();
        do {
            if (++part_ >= end) mismatch();
        } while (part_->made != made);
    }

    void weigh(const SignaturePacket& signature) {
        const std::string weak = weak_digest(signature);
        if (part_ == &key_->parts.front()) {
            if (!certifies_a_name(signature)) return;
            if (weak.empty()) certified_ = true;
            weak_name_ = weak;
        } else if (signature.type == 0x18 && part_->signs) {
            weigh_binding(signature, weak);
        }
    }

    void weigh_binding(const SignaturePacket& signature, const std::string& weak) {
        if (!weak.empty()) {
            part_->weak_binding = fmt::format("subkey bound by a {}; its owner mends that with {}",
                                              weak, renewal(*key_, " '*'"));
            return;
        }
        std::string weak_back = "missing signature";
        for (const std::string_view body : signature.embedded) {
            const SignaturePacket back = read_signature(body);
            if (back.type != 0x19) continue;
            weak_back = weak_digest(back);
            if (weak_back.empty()) return;
        }
        part_->weak_binding = fmt::format(
            "subkey that vouches for its primary key by a {}; its owner adds another, {}",
            weak_back, new_subkey(*key_));
    }

    void end_key() {
        if (key_ != nullptr && !certified_ && !weak_name_.empty()) {
            key_->parts.front().weak_binding =
                fmt::format("key certified by its own {}; its owner mends that with {}", weak_name_,
                            renewal(*key_, ""));
        }
        certified_ = false;
        weak_name_.clear();
    }

    std::vector<KeyDescription>& keys_;
    KeyDescription* key_ = nullptr;
    KeyPart* part_ = nullptr;
    bool certified_ = false;  // one of the names at least is certified well
    std::string weak_name_;
};

}  // namespace

void note_bindings(std::string_view packets, std::vector<KeyDescription>& keys) {
    try {
        Walk walk(keys);
        for (const Packet& packet : split_packets(packets, most_packets)) walk.visit(packet);
        walk.end();
    } catch (const Malformed& malformed) {
        throw core::Error(std::string("GnuPG exported a key that cannot be read: ") +
                          malformed.what());
    }
}

}  // namespace signing
