// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/provider_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProviderKeys : public testing::Test, public World {
  protected:
    fs::path file(const std::string& name) const { return depot->layout.provider_keys() / name; }

    /// What is wrong with the keys; empty if nothing is.
    std::string trouble() {
        try {
            core::provider_keys(*depot, counted());
            return {};
        } catch (const core::Error& error) {
            return error.what();
        }
    }

    core::KeyReader counted() {
        return [this](const std::string& text) {
            ++parsed;
            return plain_keys(text);
        };
    }

    int parsed = 0;
};

TEST_F(ProviderKeys, AreHandedOutAsTheyAreWrittenAnew) {
    core::write_file(file("ada.asc"), "\n ADA \n");
    core::write_file(file("notes.txt"), "secret");
    operations().refresh(asked);
    EXPECT_EQ(core::read_file(published("keys/provider-ada.asc")), "ADA");
    EXPECT_FALSE(fs::exists(published("keys/provider-notes.txt")));
    EXPECT_EQ(findings(), "");
}

TEST_F(ProviderKeys, ThatAreNoneStopTheOperationAndAreNeverPublished) {
    core::write_file(directory / "elsewhere", "ADA");
    const std::vector<std::pair<std::string, std::function<void()>>> kinds{
        {"symbolic link", [&] { fs::create_symlink(directory / "elsewhere", file("x.asc")); }},
        {"symbolic link", [&] { fs::create_symlink("/etc/shadow", file("x.asc")); }},
        {"no regular file", [&] { ASSERT_EQ(::mkfifo(file("x.asc").c_str(), 0600), 0); }},
        {"no regular file", [&] { fs::create_directory(file("x.asc")); }},
        {"secret key", [&] { core::write_file(file("x.asc"), "secret"); }},
        {"no public key", [&] { core::write_file(file("x.asc"), ""); }},
        {"more than 1 MiB", [&] { core::write_file(file("x.asc"), std::string(2 << 20, 'A')); }},
        {"more than 1 MiB",
         [&] {
             core::write_file(file("x.asc"), "");
             fs::resize_file(file("x.asc"), std::uintmax_t{1} << 40);
         }},
    };
    for (const auto& [problem, make] : kinds) {
        make();
        EXPECT_THAT(trouble(), HasSubstr("provider-keys/x.asc: "));
        EXPECT_THAT(trouble(), HasSubstr(problem));
        EXPECT_THROW(operations().refresh(asked), core::Error);
        EXPECT_THAT(findings(), HasSubstr("provider-keys/x.asc"));
        EXPECT_FALSE(fs::exists(published("keys/provider-x.asc")));
        core::remove_tree(file("x.asc"));
    }
    operations().refresh(asked);
    EXPECT_EQ(findings(), "");
}

TEST_F(ProviderKeys, HaveNamesThatCanStandInAUrl) {
    for (const std::string name : {"a b.asc", "a\tb.asc", "a%41.asc", "a#.asc", "\xC3\xA9.asc",
                                   "a,b.asc", "$x.asc", "a\n.asc"}) {
        core::write_file(file(name), "ADA");
        EXPECT_THAT(trouble(), HasSubstr("make it one of letters")) << name;
        core::remove_tree(file(name));
    }
    core::write_file(file("Ada_1+~-@example.org.asc"), "ADA");
    EXPECT_EQ(trouble(), "");
}

TEST_F(ProviderKeys, AreParsedOnlyWhenTheyChange) {
    core::write_file(file("ada.asc"), "ADA until:2030-01-01T00:00:00Z subkey:S subkey-revoked");
    core::write_file(file("bob.asc"), "BOB revoked");
    const core::ProviderKeys keys = core::provider_keys(*depot, counted());
    EXPECT_EQ(parsed, 2);
    EXPECT_EQ(core::provider_keys(*depot, counted()), keys);
    EXPECT_EQ(parsed, 2);
    core::write_file(file("bob.asc"), "BOB weak");
    EXPECT_EQ(core::provider_keys(*depot, counted()).at("bob.asc").keys.at(0).weakness,
              "weak; mend it");
    EXPECT_EQ(parsed, 3);
    core::remove_tree(depot->layout.fragments());
    EXPECT_EQ(core::provider_keys(*depot, counted()).at("ada.asc"), keys.at("ada.asc"));
    EXPECT_EQ(parsed, 5);
}

TEST_F(ProviderKeys, AreFoundByFingerprint) {
    core::write_file(file("bob.asc"), "BOB revoked");
    const core::ProviderKeys keys = core::provider_keys(*depot, counted());
    ASSERT_TRUE(core::find_key(keys, "BOB"));
    EXPECT_TRUE(core::find_key(keys, "BOB")->revoked);
    EXPECT_FALSE(core::find_key(keys, "bob.asc"));
}

TEST_F(ProviderKeys, OfOneFingerprintAreJudgedByAllFilesThatHaveIt) {
    const auto ada = [&](const std::string& first, const std::string& second) {
        core::write_file(file("a.asc"), "ADA " + first);
        core::write_file(file("b.asc"), "ADA " + second);
        return *core::find_key(core::provider_keys(*depot, counted()), "ADA");
    };
    EXPECT_TRUE(ada("", "revoked").revoked);
    EXPECT_TRUE(ada("revoked", "").revoked);
    const std::string soon = "until:2027-01-01T00:00:00Z", late = "until:2030-01-01T00:00:00Z";
    EXPECT_EQ(ada(soon, late).expires, core::parse_time("2030-01-01T00:00:00Z"));
    EXPECT_EQ(ada(late, soon).expires, core::parse_time("2030-01-01T00:00:00Z"));
    EXPECT_EQ(ada(soon, "").expires, std::nullopt);
    EXPECT_EQ(ada("", soon).expires, std::nullopt);
    EXPECT_EQ(ada("weak", "").weakness, "");
    EXPECT_EQ(ada("weak", "weak").weakness, "weak; mend it");
}

}  // namespace
}  // namespace core_test
