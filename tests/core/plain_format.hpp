// SPDX-License-Identifier: GPL-3.0-or-later
// The simplest format a repository can have, to test core without any real one.
//
//   package     a text file "name version architecture [signature or remark…]"; "*" is every
//               architecture; a signature is "by:KEY", "by:KEY/SUBKEY", "bad:KEY" or, malformed,
//               "by:"; a remark is "has:KIND:WHAT"
//   repository  index/<sha256>-list: its rows; index/root: the name of the list; index/root.sig
//   document    its text; that of "group ID: …" is the id "group ID", and that of its own "notes of
//   …"
//               the whole line
//   signature   "KEY <sha256 of the bytes>", a key being one word
//
// Each call from core may be made to fail, or to kill the process, by its number.
#pragma once

#include <atomic>
#include <functional>

#include "core/work/backend.hpp"
#include "core/work/commit.hpp"
#include "core/work/package_reading.hpp"

namespace core_test {

/// Counts the calls of core's and acts at the chosen one.
struct Calls {
    std::atomic<int> made{0};
    int chosen = 0;                // 1-based; 0: none
    std::function<void()> action;  // throws or exits

    void count() {
        if (++made == chosen) action();
    }
};

class PlainReader : public core::PackageReader {
  public:
    core::Inspection read(core::File file, const core::Digest& digest,
                          const core::InspectionRule& rule) const override;
};

/// Cells that read packages of the format; all tests share them.
const core::Cells& plain_cells();

class PlainInspector : public core::Inspector {
  public:
    std::string signed_bytes(core::File file) const override;
    void accept(const core::Inspection&) const override {}
    std::strong_ordering compare_versions(std::string_view a, std::string_view b) const override;
};

class PlainBackend : public core::Backend {
  public:
    explicit PlainBackend(Calls& calls) : calls_(calls) {}

    Shape shape() const override { return {"index", "files", "site"}; }
    std::vector<core::Section> sections(const core::Platform& platform,
                                        const core::Package* package) const override;
    Documents documents(const core::Release& release, const core::Platform& platform,
                        const Bundled& bundled) const override;
    std::set<std::string> ids(std::string_view bytes_of_document) const override;
    core::Composed compose(const core::Composition& composition,
                           const std::filesystem::path& directory) const override;
    void check(const std::filesystem::path& directory,
               const core::Verifier& verifier) const override;
    std::string client_file(const core::ClientEntry& entry) const override;

  private:
    Calls& calls_;
};

class PlainSigner : public core::Signer {
  public:
    PlainSigner(std::string name, Calls& calls) : key(std::move(name)), calls_(calls) {}

    std::vector<std::string> sign(std::span<const core::SigningRequest> requests) const override;
    std::string public_key() const override { return key + written; }
    std::string fingerprint() const override { return key; }

    std::string key;
    std::string written;  // blanks behind it, by which it is the same in another text
    bool sound = true;    // false: signs something else than it was given

  private:
    Calls& calls_;
};

core::VerifierMaker plain_verifiers(Calls& calls);

/// A key file is a word, the key, and what is the matter with it: "revoked", "weak", "until:TIME";
/// "certifies" if it signs nothing itself, "subkey:KEY" for each subkey, after it what is the
/// matter with that: "subkey-revoked", "subkey-weak", "subkey-until:TIME". A "secret" is refused.
/// Written anew it is without needless blanks.
core::PublicKeys plain_keys(const std::string& text);

}  // namespace core_test
