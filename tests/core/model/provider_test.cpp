// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"

namespace core_test {
namespace {

using core::Introduction;
using core::KeyOwners;
using core::matches;
using core::Package;
using core::Provider;
using core::Report;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Provider provider(const std::string& name) {
    Provider result;
    result.name = name;
    return result;
}

/// Packages "name" or "name key".
class HandedIn {
  public:
    HandedIn(const std::vector<std::pair<std::string, std::string>>& packages) {
        packages_.reserve(packages.size());
        for (const auto& [name, key] : packages) {
            Package& package = packages_.emplace_back();
            package.format = "rpm";
            package.name = name;
            package.signed_by = key;
            named.emplace_back(&package, "in/bundle");
        }
    }
    core::NamedPackages named;

  private:
    std::vector<Package> packages_;
};

class ProviderOf : public testing::Test {
  protected:
    /// The provider, or the codes of what was reported.
    std::string judge(const Introduction& introduction, const HandedIn& packages) {
        report.clear();
        const std::string name =
            core::provider_of(providers, keys, introduction, packages.named, report);
        std::string codes;
        for (const core::Problem& problem : report) codes += problem.code + " ";
        return codes.empty() ? name : codes;
    }

    const core::Providers providers{provider("lumen"), provider("umbra")};
    const KeyOwners keys{{"L", {"lumen"}}, {"U", {"umbra"}}, {"BOTH", {"lumen", "umbra"}}};
    const Introduction nobody;
    Report report;
};

TEST_F(ProviderOf, IsWhoseKeysSigned) {
    EXPECT_EQ(judge(nobody, {{{"a", "L"}, {"b", "L"}}}), "lumen");
    EXPECT_EQ(judge(nobody, {{{"a", "U"}}}), "umbra");
    EXPECT_EQ(judge(nobody, {{{"a", "BOTH"}, {"b", "U"}}}), "umbra");
}

TEST_F(ProviderOf, IsRefusedWhereKeysLeaveItOpen) {
    EXPECT_EQ(judge(nobody, {{{"a", "L"}, {"b", "U"}}}), "provider-conflict ");
    EXPECT_THAT(report.front().message, HasSubstr("lumen and umbra"));
    EXPECT_EQ(judge(nobody, {{{"a", "BOTH"}}}), "provider-conflict ");
    EXPECT_EQ(judge(nobody, {{{"a", "L"}, {"b", "STRANGER"}}}), "provider-key ");
    EXPECT_THAT(report.front().message, HasSubstr("STRANGER, which belongs to no provider"));
}

TEST_F(ProviderOf, IsNotSaidByTheSignaturesOfOtherPackages) {
    EXPECT_EQ(judge(nobody, {{{"a", ""}}}), "provider-missing ");
    EXPECT_EQ(judge(nobody, {{{"a", "L"}, {"b", ""}}}), "provider-missing ");
    EXPECT_EQ(judge({"lumen", {}}, {{{"a", "L"}, {"b", ""}}}), "lumen");
    EXPECT_EQ(judge({"", {"lumen"}}, {{{"a", "L"}, {"b", ""}}}), "lumen");
}

TEST_F(ProviderOf, IsWhoseTheTicketsPeopleAre) {
    EXPECT_EQ(judge({"", {"umbra"}}, {{{"a", ""}}}), "umbra");
    EXPECT_EQ(judge({"", {"lumen", "umbra"}}, {{{"a", ""}}}), "provider-conflict ");
    EXPECT_EQ(judge({"", {"lumen", "umbra"}}, {{{"a", "U"}}}), "umbra");
}

TEST_F(ProviderOf, IsWhoWasNamedUnlessPeopleSayOtherwise) {
    EXPECT_EQ(judge({"umbra", {}}, {{{"a", ""}}}), "umbra");
    EXPECT_EQ(judge({"umbra", {"lumen", "umbra"}}, {{{"a", ""}}}), "umbra");
    EXPECT_EQ(judge({"umbra", {"lumen"}}, {{{"a", ""}}}), "provider-conflict ");
    EXPECT_EQ(judge({"penumbra", {}}, {{{"a", ""}}}), "unknown-provider ");
    EXPECT_EQ(report.front().remedy, "known are: lumen, umbra");
}

TEST_F(ProviderOf, NeverBringsWhatAnothersKeySigned) {
    EXPECT_EQ(judge({"umbra", {}}, {{{"a", "L"}, {"b", "U"}, {"c", ""}}}), "provider-key ");
    EXPECT_EQ(judge({"", {"umbra"}}, {{{"a", "L"}, {"b", "STRANGER"}}}),
              "provider-key provider-key ");
    EXPECT_EQ(report.front().where, "in/bundle");
}

TEST(KeysOfProviders, AreFingerprintsAndAllKeysOfAFile) {
    Provider lumen = provider("lumen"), umbra = provider("umbra");
    lumen.fingerprints = {"AA"};
    lumen.key_files = {"shared.asc"};
    umbra.key_files = {"shared.asc"};
    const std::map<std::string, std::vector<std::string>> files{{"shared.asc", {"BB", "CC"}},
                                                                {"x.asc", {"DD"}}};
    EXPECT_EQ(
        core::key_owners({lumen, umbra}, files),
        (KeyOwners{{"AA", {"lumen"}}, {"BB", {"lumen", "umbra"}}, {"CC", {"lumen", "umbra"}}}));
    lumen.key_files = {"nowhere.asc"};
    EXPECT_EQ(core::key_owners({lumen}, files), (KeyOwners{{"AA", {"lumen"}}}));
}

TEST(Scope, NamesEverythingBeyondIt) {
    Provider lumen = provider("lumen");
    lumen.products = {"Lantern*"};
    lumen.packages = {"lantern", "lantern-*"};
    lumen.lines = {"umd5"};
    const HandedIn own({{"lantern", ""}, {"lantern-libs", ""}});
    EXPECT_THAT(core::beyond_scope(lumen, "LANTERN 2", "umd5", own.named), IsEmpty());
    EXPECT_THAT(core::beyond_scope(lumen, "", "umd5", own.named), IsEmpty()) << "told already";
    const HandedIn others({{"lantern", ""}, {"glibc", ""}, {"glibc", ""}, {"Lantern", ""}});
    std::vector<std::string> messages;
    for (const auto& one : core::beyond_scope(lumen, "torch", "umd4", others.named)) {
        EXPECT_EQ(one.code, core::reason::provider_scope);
        messages.push_back(one.message);
    }
    EXPECT_THAT(messages,
                ElementsAre("the product torch is none of the provider lumen",
                            "the provider lumen does not hand in to the line umd4; it may to: umd5",
                            "the package name glibc is none of the provider lumen",
                            "the package name Lantern is none of the provider lumen"));
}

TEST(Patterns, HaveAStarAndAQuestionMark) {
    for (const auto& [pattern, text] :
         std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                          {"*", ""},
                                                          {"*", "abc"},
                                                          {"abc", "abc"},
                                                          {"a?c", "abc"},
                                                          {"a*", "a"},
                                                          {"*c", "abcbc"},
                                                          {"a*b*c", "aXbbYc"},
                                                          {"**", "x"},
                                                          {"a*?", "abc"},
                                                          {"lib*-dev", "libcanl-c-dev"},
                                                          {"a[b]", "a[b]"},
                                                          {"*.*", "*.x"}}) {
        EXPECT_TRUE(matches(pattern, text)) << pattern << " " << text;
    }
    for (const auto& [pattern, text] :
         std::vector<std::pair<std::string, std::string>>{{"", "a"},
                                                          {"a", ""},
                                                          {"?", ""},
                                                          {"abc", "abcd"},
                                                          {"abcd", "abc"},
                                                          {"a*c", "abcd"},
                                                          {"A", "a"},
                                                          {"*x*", "abc"},
                                                          {"a?", "a"},
                                                          {"a[b]", "ab"},
                                                          {"a.c", "abc"}}) {
        EXPECT_FALSE(matches(pattern, text)) << pattern << " " << text;
    }
    EXPECT_FALSE(matches(std::string(2000, '*') + "b", std::string(20000, 'a')));
}

}  // namespace
}  // namespace core_test
