// SPDX-License-Identifier: GPL-3.0-or-later
// Header signatures as the real rpmsign makes them.
#include <gtest/gtest.h>

#include "core/system/files.hpp"
#include "signing/verifier.hpp"
#include "tests/signing/gnupg.hpp"

namespace signing_test {
namespace {

using Status = core::Verdict::Status;

std::uint32_t number(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    }
    return value;
}

/// A header structure of an RPM: 16 bytes, an index of 16 bytes an entry, the data.
struct Header {
    std::size_t begin;
    std::size_t entries;
    std::size_t size;

    Header(const std::string& file, std::size_t at)
        : begin(at),
          entries(number(file, at + 8)),
          size(16 + 16 * entries + number(file, at + 12)) {}

    /// The value of a binary tag; empty if there is none.
    std::string tag(const std::string& file, std::uint32_t wanted) const {
        for (std::size_t i = 0; i < entries; ++i) {
            const std::size_t entry = begin + 16 + 16 * i;
            if (number(file, entry) != wanted) continue;
            return file.substr(begin + 16 + 16 * entries + number(file, entry + 8),
                               number(file, entry + 12));
        }
        return {};
    }
};

struct SignedHeader {
    std::string signature;
    std::string covered;
};

SignedHeader signed_header(const std::filesystem::path& rpm) {
    constexpr std::size_t lead = 96;
    const std::string file = core::read_file(rpm);
    const Header signatures(file, lead);
    const Header header(file, lead + (signatures.size + 7) / 8 * 8);
    const std::string dsa = signatures.tag(file, 267);  // also EdDSA
    return {dsa.empty() ? signatures.tag(file, 268) : dsa, file.substr(header.begin, header.size)};
}

class RpmSignature : public testing::TestWithParam<const char*> {
  protected:
    /// Builds a package and signs it with the key.
    std::filesystem::path package(const std::string& key) const {
        const std::filesystem::path top = scratch / "r";
        std::filesystem::create_directories(top);
        core::write_file(top / "a.spec",
                         "Name: a\nVersion: 1\nRelease: 1\nSummary: a\nLicense: none\n"
                         "BuildArch: noarch\n%description\na\n%files\n");
        shell("rpmbuild -bb --quiet --define '_topdir " + top.string() + "' " +
              (top / "a.spec").string() + " >&2");
        const std::filesystem::path rpm = top / "RPMS/noarch/a-1-1.noarch.rpm";
        shell("GNUPGHOME=" + provider.home().string() + " rpmsign --define '__gpg /usr/bin/gpg'" +
              " --define '_gpg_name " + key + "' --addsign " + rpm.string() + " >&2");
        return rpm;
    }

    Scratch scratch;
    Gnupg provider{scratch / "p"};
};

TEST_P(RpmSignature, IsJudgedOverTheHeader) {
    const std::string key = provider.key(GetParam());
    const SignedHeader header = signed_header(package(key));
    ASSERT_FALSE(header.signature.empty());
    const std::vector<std::string> keys{provider.exported(key)};
    const signing::FreshVerifier verifier(scratch / "v", keys);
    const core::Verdict verdict = verifier.check_detached(header.covered, header.signature);
    EXPECT_EQ(verdict.status, Status::good) << verdict.detail;
    EXPECT_EQ(verdict.fingerprint, key);
    std::string changed = header.covered;
    changed.back() ^= 1;
    EXPECT_EQ(verifier.check_detached(changed, header.signature).status, Status::bad);
}

INSTANTIATE_TEST_SUITE_P(OfKey, RpmSignature, testing::Values("rsa3072", "ed25519"));

}  // namespace
}  // namespace signing_test
