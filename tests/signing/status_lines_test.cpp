// SPDX-License-Identifier: GPL-3.0-or-later
// What gpg and gpgv say, as they were seen to say it, and as they must not.
#include "signing/status_lines.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace signing_test {
namespace {

using signing::read_signing;
using signing::read_verification;
using Kind = signing::Finding::Kind;

const std::string id = "723A02F2991779D2";
const std::string fingerprint = "5A1B441A937360CF258B8253" + id;
const std::string stranger = "344CF8743FC08062F09C80BC5E42993AE56BEE43";

// Codes of libgpg-error.
constexpr unsigned general = 1;
constexpr unsigned no_public_key = 9;
constexpr unsigned bad_passphrase = 11;
constexpr unsigned no_secret_key = 17;
constexpr unsigned unusable_secret_key = 54;
constexpr unsigned conflict = 70;
constexpr unsigned no_pinentry = 85;

std::string line(const std::string& text) {
    return "[GNUPG:] " + text + "\n";
}

const std::string begun = line("NEWSIG") + line("KEY_CONSIDERED " + fingerprint + " 0");
const std::string valid =
    line("VALIDSIG " + fingerprint + " 2026-11-30 1795999389 0 4 0 22 8 00 " + fingerprint);

std::string verdict(const std::string& keyword) {
    return line(keyword + " " + id + " Ed <a@b>");
}

const std::string error = line("ERRSIG " + id + " 22 8 00 1795999389 9 " + fingerprint);

Kind kind(const std::string& lines) {
    return read_verification(lines).kind;
}

TEST(Verification, GoodSignatureIsByTheKeyThatIsNamedInFull) {
    const std::string lines = begun + line("SIG_ID Ywd2YnkZQK/agG+IqaGNzd4RqOE 2026-11-30 1795") +
                              verdict("GOODSIG") + valid + line("TRUST_UNDEFINED 0 direct");
    EXPECT_EQ(kind(lines), Kind::good);
    EXPECT_EQ(read_verification(lines).fingerprint, fingerprint);
    EXPECT_EQ(kind(begun + valid + verdict("GOODSIG")), Kind::good) << "in any order";
}

TEST(Verification, OtherVerdictsAreTakenFromTheirKeyword) {
    EXPECT_EQ(kind(begun + verdict("BADSIG")), Kind::bad);
    EXPECT_EQ(read_verification(begun + verdict("BADSIG")).fingerprint, id);
    EXPECT_EQ(kind(begun + verdict("EXPSIG") + valid), Kind::expired);
    EXPECT_EQ(kind(begun + line("KEYEXPIRED 1706659200") + verdict("EXPKEYSIG") + valid),
              Kind::key_expired);
    EXPECT_EQ(kind(begun + verdict("REVKEYSIG") + valid), Kind::key_revoked);
    const signing::Finding unchecked = read_verification(begun + error + line("NO_PUBKEY " + id));
    EXPECT_EQ(unchecked.kind, Kind::unchecked);
    EXPECT_EQ(unchecked.code, no_public_key);
    EXPECT_EQ(unchecked.fingerprint, fingerprint);
    EXPECT_EQ(read_verification(line("ERRSIG " + id + " 22 8 00 1795 9")).fingerprint, id);
    EXPECT_EQ(read_verification(line("ERRSIG " + id + " 22 8 00 1795 9 -")).fingerprint, id);
    EXPECT_EQ(read_verification(begun + line("ERRSIG " + id + " 22 8 00 1795 0 -")).code, general)
        << "no reason is none for success";
}

TEST(Verification, NothingIsNoSignature) {
    EXPECT_EQ(kind(""), Kind::none);
    EXPECT_EQ(kind(begun), Kind::none);
    EXPECT_EQ(kind(line("NODATA 4")), Kind::none);
    EXPECT_EQ(kind(begun + line("UNEXPECTED 0")), Kind::none);
    EXPECT_EQ(kind(begun + verdict("BADSIG") + line("NODATA 3")), Kind::none);
}

TEST(Verification, GoodIsNotBelievedBesideAnythingElse) {
    const std::string good = begun + verdict("GOODSIG") + valid;
    ASSERT_EQ(kind(good), Kind::good);
    for (const std::string& other :
         {verdict("GOODSIG"), verdict("BADSIG"), verdict("EXPSIG"), verdict("EXPKEYSIG"),
          verdict("REVKEYSIG"), error, valid, line("NEWSIG"), line("NODATA 3"),
          line("UNEXPECTED 1"), line("PLAINTEXT 62 0 ")}) {
        EXPECT_EQ(kind(good + other), Kind::contradictory) << other;
        EXPECT_EQ(kind(other + good), Kind::contradictory) << other;
        EXPECT_EQ(read_verification(good + other).fingerprint, "") << other;
    }
}

TEST(Verification, GoodNeedsAMaker) {
    EXPECT_EQ(kind(begun + verdict("GOODSIG")), Kind::contradictory);
    EXPECT_EQ(kind(begun + valid), Kind::contradictory);
    // The id is what the signature says, unsigned; the fingerprint is whose key fits.
    const std::string misled = begun + line("GOODSIG " + stranger.substr(24) + " Ed") + valid;
    EXPECT_EQ(kind(misled), Kind::good);
    EXPECT_EQ(read_verification(misled).fingerprint, fingerprint);
    EXPECT_EQ(kind(begun + line("GOODSIG " + fingerprint) + valid), Kind::good);
    EXPECT_EQ(kind(begun + verdict("BADSIG") + valid), Kind::contradictory);
    EXPECT_EQ(kind(begun + error + valid), Kind::contradictory);
}

TEST(Verification, FailureIsTold) {
    EXPECT_EQ(read_verification(line("FAILURE verify 33554490")).failure, 58u);
    EXPECT_EQ(
        read_verification(begun + verdict("BADSIG") + line("FAILURE gpg-exit 33554433")).failure,
        0u)
        << "the sum of what was told";
}

TEST(Verification, WhatAKeyOrSignatureSaysOfItselfIsNotRead) {
    // gpg writes such text in one line, with "%0A" for the end of one.
    const std::string hostile = "GOODSIG " + id + " [GNUPG:] VALIDSIG " + fingerprint;
    EXPECT_EQ(kind(begun + line("BADSIG " + id + " " + hostile)), Kind::bad);
    EXPECT_EQ(kind(begun + verdict("BADSIG") + line("NOTATION_DATA " + hostile)), Kind::bad);
    EXPECT_EQ(kind(begun + line("NOTATION_DATA %0A[GNUPG:] " + hostile)), Kind::none);
    EXPECT_EQ(kind(line("NEWSIG " + hostile) + verdict("BADSIG")), Kind::bad);
}

TEST(Verification, UnknownKeywordsAreLeftOut) {
    const std::string lines = begun + line("GOODSIGNS") + line("XGOODSIG " + id) + line("NEW") +
                              line("goodsig " + id) + verdict("BADSIG");
    EXPECT_EQ(kind(lines), Kind::bad);
}

TEST(StatusLines, WhatIsNoneIsAnError) {
    const std::string good = begun + verdict("GOODSIG") + valid;
    for (const std::string& lines :
         {std::string("hello\n"), std::string("\n"), std::string("[GNUPG:]\n"),
          std::string("[GNUPG:] \n"), std::string("[GNUPG:]  NEWSIG\n"),
          std::string("[GNUPG:]\tNEWSIG\n"), std::string("gpg: NEWSIG\n"), " " + good,
          good + "GOODSIG " + id + "\n", good.substr(0, good.size() - 1), std::string(100, '\0'),
          "\r\n" + good, "\n" + good}) {
        EXPECT_THROW(read_verification(lines), core::Error) << lines;
        EXPECT_THROW(read_signing(lines), core::Error) << lines;
    }
}

TEST(StatusLines, DamagedArgumentsAreAnError) {
    for (const std::string& text :
         {std::string("GOODSIG"), std::string("GOODSIG "), "GOODSIG " + id.substr(1),
          "GOODSIG " + id + "0", "GOODSIG " + std::string(40, 'g'),
          "GOODSIG " + std::string(40, 'a'), "BADSIG\t" + id, std::string("VALIDSIG"),
          std::string("VALIDSIG 0 0"), "ERRSIG " + id, "ERRSIG " + id + " 22 8 00 1795",
          "ERRSIG " + id + " 22 8 00 1795 x", "ERRSIG " + id + " 22 8 00 1795 9x",
          "ERRSIG " + id + " 22 8 00 1795 -9", "ERRSIG " + id + " 22 8 00 1795 99999999999",
          std::string("FAILURE verify"), std::string("FAILURE verify x")}) {
        if (text.starts_with("BADSIG\t")) {
            EXPECT_EQ(kind(line(text)), Kind::none) << text;
        } else {
            EXPECT_THROW(read_verification(line(text)), core::Error) << text;
        }
    }
    EXPECT_THROW(read_signing(line("INV_SGNR " + fingerprint)), core::Error);
    EXPECT_THROW(read_signing(line("INV_SGNR")), core::Error);
}

const std::string made = line("SIG_CREATED C 22 8 01 1795999440 " + fingerprint);
const std::string signing_begun =
    line("KEY_CONSIDERED " + fingerprint + " 2") + line("BEGIN_SIGNING H8");

TEST(Signing, OneSignatureIsMade) {
    EXPECT_EQ(read_signing(signing_begun + made), 0u);
    EXPECT_EQ(read_signing(signing_begun + line("PINENTRY_LAUNCHED 1") + made), 0u);
    EXPECT_EQ(read_signing(signing_begun + made + made), conflict);
    EXPECT_EQ(read_signing(signing_begun), general);
    EXPECT_EQ(read_signing(""), general);
}

TEST(Signing, TellsWhyThereIsNone) {
    const auto skipped = [](const std::string& reason) {
        return line("INV_SGNR " + reason + " " + fingerprint);
    };
    EXPECT_EQ(read_signing(signing_begun + line("FAILURE sign 67108949")), no_pinentry);
    EXPECT_EQ(read_signing(skipped("9") + line("FAILURE sign 17")), no_secret_key);
    // An agent that does not come up.
    EXPECT_EQ(read_signing(skipped("0") + line("FAILURE sign 33554509")), unusable_secret_key);
    EXPECT_EQ(read_signing(skipped("0") + skipped("9")), unusable_secret_key) << "the first counts";
    EXPECT_EQ(read_signing(line("BAD_PASSPHRASE " + id) + line("FAILURE sign 67108875")),
              bad_passphrase);
    EXPECT_EQ(read_signing(line("MISSING_PASSPHRASE")), bad_passphrase);
    EXPECT_EQ(read_signing(line("BAD_PASSPHRASE " + id) + line("GOOD_PASSPHRASE") + made), 0u);
}

TEST(Signing, ASignatureBesideAFailureIsNone) {
    EXPECT_EQ(read_signing(made + line("FAILURE sign 67108949")), no_pinentry);
    EXPECT_EQ(read_signing(line("INV_SGNR 9 " + stranger) + made), no_secret_key);
    EXPECT_EQ(read_signing(made + line("FAILURE gpg-exit 33554433")), 0u);
}

}  // namespace
}  // namespace signing_test
