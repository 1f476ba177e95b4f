// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/verifier.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "signing/clear_text.hpp"
#include "signing/engine.hpp"
#include "signing/key_cache.hpp"
#include "signing/keyring.hpp"
#include "signing/packets.hpp"
#include "signing/process.hpp"
#include "signing/status_lines.hpp"
#include "signing/temporary_home.hpp"

namespace signing {
namespace {

using core::Verdict;
using Status = core::Verdict::Status;

constexpr std::chrono::minutes clock_difference{10};

/// A rollover needs two signatures, Debian's own releases carry four. Each costs a run of gpg.
constexpr std::size_t most_signatures = 8;
constexpr std::size_t largest_signature = 64 << 10;
constexpr std::size_t largest_text = 64 << 20;

Verdict verdict(Status status, std::string detail, std::string fingerprint = {},
                core::Time made = {}) {
    return {status, std::move(fingerprint), std::move(detail), made};
}

/// Which verdict tells most, where there are several and none is good.
int weight(Status status) {
    switch (status) {
        case Status::good:
            return 0;
        case Status::bad:
            return 1;
        case Status::key_revoked:
            return 2;
        case Status::key_expired:
            return 3;
        case Status::weak:
            return 4;
        case Status::unknown_key:
            return 5;
        case Status::malformed:
            return 6;
    }
    return 7;
}

/// A key part with the key it belongs to.
struct Known {
    const KeyDescription* key = nullptr;
    const KeyPart* part = nullptr;
};

/// The first that makes the key's signatures void, if any.
std::optional<Verdict> objection(const KeyPart& part, std::string_view which, core::Time now) {
    if (part.revoked) return verdict(Status::key_revoked, fmt::format("{} revoked", which));
    if (part.expired(now)) {
        return verdict(Status::key_expired,
                       fmt::format("{} expired on {}", which, core::format_time(*part.expires)));
    }
    if (std::string weak = weakness(part); !weak.empty()) {
        return verdict(Status::weak, std::move(weak));
    }
    return std::nullopt;
}

}  // namespace

class FreshVerifier::Judge {
  public:
    Judge(const std::filesystem::path& scratch, PublicKeys known,
          std::chrono::milliseconds patience)
        : keys_(std::move(known)), directory_(scratch), patience_(patience) {
        core::write_file(keyring(), keys_.keys.empty()
                                        ? std::string()
                                        : decode_armor(keys_.armored, "PGP PUBLIC KEY BLOCK",
                                                       Surroundings::blank));
        for (const KeyDescription& key : keys_.keys) {
            for (const KeyPart& part : key.parts) {
                parts_[part.fingerprint] = {&key, &part};
                // Signatures may name their maker by the key id: the last 64 bits (§12.2).
                if (part.fingerprint.size() == 40) {
                    parts_[part.fingerprint.substr(24)] = {&key, &part};
                }
            }
        }
    }

    /// `type` is the type that the signatures must have; 1 for clear-signed text.
    Verdict judge(std::string_view bytes, std::string_view packets, int type) const {
        const std::vector<Packet> signatures = split_packets(packets, most_signatures);
        Verdict best;
        best.detail = "no signature";
        for (const Packet& packet : signatures) {
            if (packet.tag != tag::signature) throw Malformed("there is more than signatures");
        }
        for (const Packet& packet : signatures) {
            Verdict next = judge_one(bytes, packet, type);
            if (next.good()) return next;
            if (weight(next.status) < weight(best.status)) best = std::move(next);
        }
        return best;
    }

    /// The signature of one packet.
    Verdict judge_packet(std::string_view bytes, std::string_view bytes_of_packet) const {
        const Packet packet = split_packets(bytes_of_packet, 1).front();
        if (packet.tag != tag::signature) throw Malformed("there is no signature");
        return judge_one(bytes, packet, 0);
    }

  private:
    const Known* known(const std::string& id) const {
        const auto found = parts_.find(id);
        return found == parts_.end() ? nullptr : &found->second;
    }

    Verdict judge_one(std::string_view bytes, const Packet& packet, int type) const {
        const SignaturePacket signature = read_signature(packet.body);
        if (signature.version != 3 && signature.version != 4) {
            return verdict(Status::malformed,
                           fmt::format("signature of OpenPGP version {}", signature.version));
        }
        if (signature.type != 0 && signature.type != 1) {
            return verdict(
                Status::malformed,
                fmt::format("signature of type {:#04x}, which is none over data", signature.type));
        }
        const Known* maker = known(signature.issuer);
        if (maker == nullptr) {
            return verdict(Status::unknown_key, "made by a key that is not trusted here",
                           signature.issuer, signature.made);
        }
        const Finding found = verify(bytes, packet.whole);
        // The packet's own word on its maker is not signed; gpg's is the key that fits.
        if (found.kind != Finding::Kind::bad && !found.fingerprint.empty()) {
            maker = known(found.fingerprint);
        }
        if (maker == nullptr) {
            return verdict(Status::unknown_key, "made by a key that is not trusted here",
                           found.fingerprint, signature.made);
        }
        Verdict result = weigh(signature, found, *maker, type);
        result.fingerprint = maker->key->fingerprint();
        result.part = maker->part->fingerprint;
        result.made = signature.made;
        return result;
    }

    std::filesystem::path keyring() const { return directory_.path() / "trusted.gpg"; }

    /// By a gpgv that knows the keys of this verifier and no other.
    Finding verify(std::string_view bytes, std::string_view packet) const {
        constexpr std::string_view what = "cannot verify an OpenPGP signature";
        // A signature of 64 KiB can make gpgv speak of thousands of notations.
        constexpr std::size_t most_said = 4 << 20;
        const std::vector<std::string> words{find_program("gpgv"),
                                             "--status-fd",
                                             std::to_string(status_descriptor),
                                             "--enable-special-filenames",
                                             "--homedir",
                                             directory_.path().string(),
                                             "--keyring",
                                             keyring().string(),
                                             "--",
                                             fmt::format("-&{}", second_input),
                                             "-"};
        Finding finding;
        core::with_context(what, [&] {
            const Finished finished = run({words, patience_, {bytes, packet}, most_said});
            if (finished.given_up) throw core::Error(reason_of(gpgme_error(GPG_ERR_TIMEOUT)));
            finding = read_verification(finished.status);
        });
        const auto failure = static_cast<gpgme_err_code_t>(finding.failure);
        if (failure == GPG_ERR_NO_DATA || failure == GPG_ERR_BAD_DATA ||
            failure == GPG_ERR_INV_PACKET) {
            return {};
        }
        check(gpgme_error(failure), what);
        return finding;
    }

    static Verdict weigh(const SignaturePacket& signature, const Finding& found, const Known& maker,
                         int type) {
        using Kind = Finding::Kind;
        if (found.kind == Kind::bad) {
            return verdict(Status::bad, "the signature does not fit the bytes");
        }
        const core::Time now = core::SystemClock().now();
        const KeyPart& primary = maker.key->parts.front();
        if (auto void_key = objection(primary, "key", now)) return *void_key;
        if (maker.part != &primary) {
            if (auto void_key = objection(*maker.part, "subkey", now)) return *void_key;
        }
        if (std::string weak = weakness(signature, type); !weak.empty()) {
            return verdict(Status::weak, std::move(weak));
        }
        switch (found.kind) {
            case Kind::good:
                break;
            case Kind::none:
                return verdict(Status::malformed, "gpg finds no signature");
            case Kind::key_expired:
                return verdict(Status::key_expired, "key expired");
            case Kind::key_revoked:
                return verdict(Status::key_revoked, "key revoked");
            case Kind::expired:
                return verdict(Status::bad, "the signature has expired");
            case Kind::unchecked:
                return verdict(
                    Status::bad,
                    fmt::format("gpg: {}",
                                reason_of(gpgme_error(static_cast<gpgme_err_code_t>(found.code)))));
            case Kind::bad:
            case Kind::contradictory:
                return verdict(Status::bad, "gpg says more than one thing of the signature");
        }
        if (signature.made > now + clock_difference) {
            return verdict(Status::bad, "the signature was made in the future, " +
                                            core::format_time(signature.made));
        }
        return verdict(Status::good, {});
    }

    PublicKeys keys_;
    TemporaryDirectory directory_;
    std::chrono::milliseconds patience_;
    std::map<std::string, Known> parts_;
};

FreshVerifier::FreshVerifier(const std::filesystem::path& scratch,
                             std::span<const std::string> keys, std::chrono::milliseconds patience,
                             const KeyCache* cache) {
    auto known = cache == nullptr ? std::nullopt : cache->find(keys);
    if (!known) known = import_keys(scratch, keys, patience);
    judge_ = std::make_unique<Judge>(scratch, *std::move(known), patience);
}

FreshVerifier::~FreshVerifier() = default;

Verdict FreshVerifier::check_detached(std::string_view bytes, std::string_view signature) const {
    if (signature.size() > largest_signature) {
        return verdict(Status::malformed, "a signature of more than 64 KiB");
    }
    try {
        if (is_binary(signature)) return judge_->judge(bytes, signature, 0);
        return judge_->judge(bytes, decode_armor(signature, "PGP SIGNATURE", Surroundings::blank),
                             0);
    } catch (const Malformed& malformed) {
        return verdict(Status::malformed, malformed.what());
    }
}

Verdict FreshVerifier::check_packet(std::string_view bytes, std::string_view packet) const {
    try {
        if (packet.size() > largest_signature) throw Malformed("a signature of more than 64 KiB");
        return judge_->judge_packet(bytes, packet);
    } catch (const Malformed& malformed) {
        return verdict(Status::malformed, malformed.what());
    }
}

Verdict FreshVerifier::check_clear_text(std::string_view text, std::string& content) const {
    if (text.size() > largest_text) {
        return verdict(Status::malformed, "a clear-signed text of more than 64 MiB");
    }
    try {
        ClearText parsed = parse_clear_text(text);
        Verdict result = judge_->judge(parsed.canonical, parsed.signature, 1);
        if (result.good()) content = std::move(parsed.content);
        return result;
    } catch (const Malformed& malformed) {
        return verdict(Status::malformed, malformed.what());
    }
}

core::VerifierMaker verifier_maker(std::filesystem::path scratch,
                                   std::shared_ptr<const KeyCache> cache) {
    return [scratch = std::move(scratch),
            cache = std::move(cache)](std::span<const std::string> keys) {
        return std::make_unique<FreshVerifier>(scratch, keys, usual_patience, cache.get());
    };
}

}  // namespace signing
