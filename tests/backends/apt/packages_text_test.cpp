// SPDX-License-Identifier: GPL-3.0-or-later
// One stanza that is not as it should be is found, wherever it stands.
#include "backends/apt/packages_text.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

const std::string digest(64, 'a');

std::string stanza(const std::string& more = {}) {
    return "Package: argus\nVersion: 1.0\nArchitecture: all\n" + more +
           "Filename: pool/main/a/argus/argus_1.0_all.deb\nSize: 5\nSHA256: " + digest +
           "\nDescription: x\n y\n\n";
}

std::string fault(const std::string& text) {
    try {
        apt::count_stanzas(stanza() + text + stanza());
    } catch (const core::Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST(PackagesText, IsCounted) {
    EXPECT_EQ(apt::count_stanzas(""), 0U);
    EXPECT_EQ(apt::count_stanzas(stanza()), 1U);
    EXPECT_EQ(apt::count_stanzas(stanza() + stanza("Depends: a,\n b\nTag:\n x, y\n")), 2U);
}

TEST(PackagesText, IsRefusedIfOneStanzaWouldEndIt) {
    for (const char* more :
         {"\n", " \n", "x\n", ": x\n", "X Y: z\n", "#X: y\n", "X:y\n", "X:\n", "X: \n", "X: \x01\n",
          "X: y\r\n", "Depends: a b\n", "Version: 2\n", "Size: 5\nSize: 6\n"}) {
        EXPECT_NE(fault(stanza(more)), "") << more;
    }
    EXPECT_NE(fault("\n"), "");
    EXPECT_NE(fault(stanza().substr(0, stanza().size() - 1)), "");
    EXPECT_NE(fault(stanza().substr(stanza().find('\n') + 1)), "");
    EXPECT_NE(fault(stanza("X: " + std::string(apt::largest_stanza, 'x') + "\n")), "");
    EXPECT_THROW(apt::count_stanzas(stanza() + "Package: x\n"), core::Error);
    EXPECT_THROW(apt::count_stanzas("Package: x"), core::Error);
}

TEST(PackagesText, MayHaveAsLargeAStanzaAsAptReads) {
    const Workshop workshop;
    workshop.run("mkdir -p lists/partial etc");
    const std::string large =
        stanza("X: " + std::string(apt::largest_stanza - stanza().size() - 4, 'x') + "\n");
    ASSERT_EQ(large.size(), apt::largest_stanza);
    core::write_file(workshop.path("packages"), stanza() + large + stanza());
    EXPECT_EQ(apt::count_stanzas(core::read_file(workshop.path("packages"))), 3U);
    workshop.run(
        "apt-cache -o Dir::State::lists=lists -o Dir::State::status=packages -o Dir::Etc=etc "
        "-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= pkgnames");
}
