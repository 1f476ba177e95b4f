// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/keyring.hpp"

#include <fmt/format.h>

#include "core/model/error.hpp"
#include "signing/armor.hpp"
#include "signing/bindings.hpp"
#include "signing/engine.hpp"
#include "signing/packets.hpp"
#include "signing/temporary_home.hpp"

namespace signing {
namespace {

struct KeyFile {
    std::string packets;    // binary
    std::size_t count = 0;  // of keys; GnuPG must have looked at as many, or it gave up half-way
};

KeyFile read_key_file(std::string_view text) {
    constexpr std::size_t largest = 1 << 20;
    constexpr std::size_t most_packets = 10'000;
    if (text.size() > largest) throw core::Error("a key file of more than 1 MiB");
    KeyFile file;
    try {
        file.packets = is_binary(text)
                           ? std::string(text)
                           : decode_armor(text, "PGP PUBLIC KEY BLOCK", Surroundings::text);
        for (const Packet& packet : split_packets(file.packets, most_packets)) {
            if (packet.tag == tag::secret_key || packet.tag == tag::secret_subkey) {
                throw core::Error("a key file holds a secret key; export the public one");
            }
            if (packet.tag == tag::public_key) ++file.count;
        }
    } catch (const Malformed& malformed) {
        throw core::Error(std::string("this is no OpenPGP public key: ") + malformed.what());
    }
    if (file.count == 0) throw core::Error("this is no OpenPGP public key, but other data");
    return file;
}

/// What it says of keys that another file brought already: that they were prolonged, or revoked.
int added_to_known_keys(const _gpgme_op_import_result& result) {
    return result.new_user_ids + result.new_sub_keys + result.new_signatures +
           result.new_revocations;
}

void import(const Engine& engine, std::string_view text) {
    const KeyFile file = read_key_file(text);
    const DataHandle data = input(file.packets);
    std::size_t considered = 0;
    bool usable = false;
    const auto start = [&](gpgme_ctx_t context) {
        return gpgme_op_import_start(context, data.get());
    };
    const auto finish = [&](gpgme_ctx_t context, gpgme_error_t ended) {
        if (const gpgme_import_result_t result = gpgme_op_import_result(context)) {
            considered = static_cast<std::size_t>(result->considered);
            usable = result->imported + result->unchanged + added_to_known_keys(*result) > 0;
        }
        return ended;
    };
    check(engine.run(start, finish), "cannot import it");
    if (considered < file.count) {
        throw core::Error(
            fmt::format("GnuPG reads only {} of its {} keys", considered, file.count));
    }
    if (!usable) throw core::Error("GnuPG finds no usable public key in it");
}

}  // namespace

PublicKeys import_keys(const std::filesystem::path& scratch, std::span<const std::string> files,
                       std::chrono::milliseconds patience) {
    PublicKeys keys;
    if (files.empty()) return keys;
    const TemporaryHome home(scratch, patience);
    const Engine engine(home.path(), patience);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files.size() == 1) {
            import(engine, files[i]);
        } else {
            core::with_context(fmt::format("public key {} of {}", i + 1, files.size()),
                               [&] { import(engine, files[i]); });
        }
    }
    keys.keys = list_keys(engine);
    keys.armored = export_keys(engine);
    note_bindings(decode_armor(keys.armored, "PGP PUBLIC KEY BLOCK", Surroundings::blank),
                  keys.keys);
    return keys;
}

}  // namespace signing
