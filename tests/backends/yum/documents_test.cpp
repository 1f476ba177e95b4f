// SPDX-License-Identifier: GPL-3.0-or-later
// Advisories and group lists: those of a bundle are hostile, ours follow from the release.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/yum/backend.hpp"
#include "backends/yum/comps.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "tests/backends/yum/stand.hpp"

namespace {

using stand::Stand;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Documents = std::vector<core::Backend::NewDocument>;

core::Package package(const std::string& name, const std::string& architecture) {
    core::Package package;
    package.name = name;
    package.epoch = "2";
    package.version = "1.7.3";
    package.release = "1.el9";
    package.architecture = architecture;
    package.source = architecture == "src";
    package.platform = "el9";
    package.path = "Packages/a/" + name + "-1.7.3-1.el9." + architecture + ".rpm";
    return package;
}

Documents documents(const std::vector<std::string>& bundled,
                    const core::Release& release = stand::release("argus-1.7.3", {})) {
    const Stand stand;
    return stand.backend.documents(release, stand::el9(), {bundled, false}).documents;
}

std::string refusal(const std::string& text) {
    try {
        documents({text}, stand::release("argus-1.7.3", {package("argus", "noarch")}));
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), core::reason::document_invalid) << refused.what();
        return refused.what();
    }
    return "accepted";
}

const std::string update = "<update type=\"bugfix\"><id>X-1</id><title>t</title></update>";

TEST(YumAdvisory, TellsTheReleaseAndItsBinaryPackages) {
    const Documents all = documents(
        {}, stand::release("argus-1.7.3", {package("argus", "noarch"), package("argus", "src"),
                                           package("argus-libs", "x86_64")}));
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].document.index, "updateinfo");
    EXPECT_EQ(all[0].document.platform, "el9");
    EXPECT_EQ(all[0].bytes,
              "<update from=\"INFN\" status=\"stable\" type=\"security\" version=\"1\">\n"
              "  <id>argus-1.7.3</id>\n"
              "  <title>argus 1.7.3</title>\n"
              "  <issued date=\"2026-11-22 14:48:57\"/>\n"
              "  <release>umd5-el9</release>\n"
              "  <description>Fixes CVE-2026-1 &amp; &lt;more&gt;.\n\n- one\n- two</description>\n"
              "  <pkglist>\n"
              "    <collection short=\"umd5-el9\">\n"
              "      <name>umd5-el9</name>\n"
              "      <package name=\"argus\" epoch=\"2\" version=\"1.7.3\" release=\"1.el9\" "
              "arch=\"noarch\">\n"
              "        <filename>argus-1.7.3-1.el9.noarch.rpm</filename>\n"
              "      </package>\n"
              "      <package name=\"argus-libs\" epoch=\"2\" version=\"1.7.3\" release=\"1.el9\" "
              "arch=\"x86_64\">\n"
              "        <filename>argus-libs-1.7.3-1.el9.x86_64.rpm</filename>\n"
              "      </package>\n"
              "    </collection>\n"
              "  </pkglist>\n"
              "</update>\n");
}

TEST(YumAdvisory, OfThousandsOfPackagesHasItsIdToo) {
    std::vector<core::Package> many;
    for (int i = 0; i < 20'000; ++i) many.push_back(package("p" + std::to_string(i), "noarch"));
    const Documents all = documents({}, stand::release("argus-1.7.3", many));
    ASSERT_EQ(all.size(), 1u);
    const Stand stand;
    EXPECT_EQ(stand.backend.ids(all[0].bytes), (std::set<std::string>{"advisory argus-1.7.3"}));
}

TEST(YumAdvisory, IsForPlatformsWithBinaryPackagesOnly) {
    EXPECT_TRUE(documents({}).empty());
    EXPECT_TRUE(documents({}, stand::release("r", {package("argus", "src")})).empty());
    core::Package elsewhere = package("argus", "noarch");
    elsewhere.platform = "el8";
    EXPECT_TRUE(documents({}, stand::release("r", {elsewhere})).empty());
}

TEST(YumAdvisory, TakesItsTypeFromTheNotes) {
    const auto type = [](const std::string& notes) {
        core::Release release = stand::release("r", {package("argus", "noarch")});
        release.descriptor.release_notes = notes;
        return documents({}, release).front().bytes;
    };
    EXPECT_THAT(type("see CVE-2026-1"), HasSubstr("type=\"security\""));
    EXPECT_THAT(type("A bugfix release"), HasSubstr("type=\"bugfix\""));
    EXPECT_THAT(type("New things"), HasSubstr("type=\"enhancement\""));
}

TEST(BundledDocuments, WithTextThatIsReorderedOrAnEndlessEpochAreRefused) {
    const auto code_of = [](const std::string& text, const std::string& epoch) {
        const std::string package =
            "<pkglist><collection><package name=\"argus\" version=\"1.7.3\" "
            "release=\"1.el9\" epoch=\"" +
            epoch + "\" arch=\"noarch\"/></collection></pkglist>";
        try {
            documents({"<updates><update from=\"" + text + "\"><id>X-1</id><title>t</title>" +
                       "</update></updates>"});
            documents({"<updates><update><id>X-1</id><description>" + text + "</description>" +
                       package + "</update></updates>"});
        } catch (const core::Refused& refused) {
            return refused.code();
        }
        return std::string("accepted");
    };
    for (const char* bad :
         {"\u202e", "\u2066", "\u2069", "\u2028", "\u0085", "\u009b", "&#x202a;"}) {
        EXPECT_EQ(code_of(bad, "0"), core::reason::control_characters) << core::escaped(bad);
    }
    EXPECT_EQ(code_of("می\u200cخواهم \u200f(C++)\u200e", "2147483647"), "accepted");
    EXPECT_EQ(code_of("a", "2147483648"), core::reason::document_invalid);
}

TEST(BundledDocuments, AreCarriedInNormalForm) {
    const Documents all =
        documents({"<?xml version=\"1.0\"?>\n<updates xmlns=\"urn:x\"><!-- c --><update   "
                   "type='bugfix'><id> X-1 "
                   "</id><title>a &amp; b</title></update>" +
                       std::string("<update><id>X-2</id></update></updates>"),
                   "<updates><update><id>X-2</id></update><update><id>X-3</id></update></updates>",
                   "<comps><group><id>g</id><name xml:lang=\"de\">G</name></group></comps>"});
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0].bytes,
              "<update type=\"bugfix\">\n  <id>X-1</id>\n  <title>a &amp; b</title>\n</update>\n");
    EXPECT_EQ(all[3].document.index, "group");
    EXPECT_THAT(all[3].bytes, HasSubstr("xml:lang=\"de\""));
    EXPECT_LT(all[0].document.name, all[1].document.name);
}

TEST(BundledDocuments, MayCarryTheUsualDoctypeOfGroupLists) {
    const Documents all =
        documents({"<?xml version=\"1.0\"?>\n<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps "
                   "info//EN\"\n"
                   "  \"comps.dtd\">\n<comps><group><id>g</id></group></comps>"});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_THAT(refusal("<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" "
                        "\"http://evil/x.dtd\"><comps/>"),
                Not("accepted"));
}

TEST(BundledDocuments, ThatAreHostileAreRefused) {
    const std::vector<std::string> hostile = {
        "",
        "not xml",
        "<updates>",
        "<updates><update><id>X</id></updates>",
        "<other/>",
        "<updates><script/></updates>",
        "<updates>text</updates>",
        "<updates><update/></updates>",
        "<updates><update><id></id></update></updates>",
        "<updates><update><id>X</id><id>Y</id></update></updates>",
        "<comps><group><id>x</id><id>y</id></group></comps>",
        "<comps><environment><id>x</id><name>n</name><id>y</id></environment></comps>",
        "<updates><update><id>a&#10;b</id></update></updates>",
        "<updates><update><id>X</id><x:y/></update></updates>",
        "<updates><update><id>X</id><y x:z=\"1\"/></update></updates>",
        "<updates xmlns:x=\"urn:x\"><update><id>X</id><x:y/></update></updates>",
        "<updates>" + update + "<update><id>X-1</id><title>other</title></update></updates>",
        "<updates><update><id>argus-1.7.3</id></update></updates>",
        "<comps><group/></comps>",
        "<comps><blob><id>x</id></blob></comps>",
        "<!DOCTYPE u [<!ENTITY a \"b\">]><updates>" + update + "</updates>",
        "<!DOCTYPE u SYSTEM \"file:///etc/passwd\"><updates>" + update + "</updates>",
        "<updates><update><id>\xff\xfe</id></update></updates>",
        "<updates><update><id>&#1;</id></update></updates>",
        "<updates a=\"1\" a=\"2\">" + update + "</updates>",
    };
    for (const std::string& text : hostile) EXPECT_NE(refusal(text), "accepted") << text;
    std::string deep = "<updates><update><id>X</id>";
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    EXPECT_NE(refusal(deep), "accepted");
    EXPECT_NE(refusal("<updates>" + std::string(20u << 20, ' ') + "</updates>"), "accepted");
}

TEST(BundledDocuments, AreRefusedWithTheirPlace) {
    EXPECT_THAT(refusal("<updates>\n<update/></updates>"),
                AllOf(HasSubstr("document 1"), HasSubstr("line 2")));
}

TEST(BundledDocuments, SayNothingOfPackagesThatTheReleaseDoesNotBring) {
    const Stand stand;
    const core::Release release = stand::release("argus-1.7.3", {package("argus", "noarch")});
    const std::vector<std::string> texts = {
        "<updates><update><id>own</id><pkglist><collection><package name=\"argus\"/>"
        "<package name=\"glibc\"/></collection></pkglist></update>"
        "<update><id>others</id><pkglist><collection><package name=\"bash\"/>"
        "</collection></pkglist></update><update><id>news</id></update></updates>",
        "<comps><group><id>own</id><packagelist><packagereq>argus</packagereq>"
        "<packagereq type=\"mandatory\">openssl</packagereq></packagelist></group>"
        "<group><id>others</id><packagelist><packagereq>bash</packagereq></packagelist></group>"
        "<langpacks><match name=\"kernel\" install=\"argus\"/>"
        "<match name=\"argus\" install=\"evil-%s\"/></langpacks></comps>",
        "<comps><group><id>o</id><packagelist><packagereq>bash</packagereq></packagelist></group>"
        "</comps>"};
    const auto made = stand.backend.documents(release, stand::el9(), {texts, false});
    EXPECT_EQ(made.foreign,
              (std::set<std::string>{"bash", "evil-%s", "glibc", "kernel", "openssl"}));
    ASSERT_EQ(made.documents.size(), 4u);  // ours, own, news, and one group list
    std::string all;
    for (const auto& one : made.documents) all += one.bytes;
    for (const char* foreign : {"bash", "evil", "glibc", "kernel", "openssl", "others"}) {
        EXPECT_THAT(all, Not(HasSubstr(foreign)));
    }
    EXPECT_THAT(all, AllOf(HasSubstr("<id>news</id>"), HasSubstr("<packagereq>argus</packagereq>"),
                           HasSubstr("<package name=\"argus\"/>")));
    const auto kept = stand.backend.documents(release, stand::el9(), {texts, true});
    EXPECT_TRUE(kept.foreign.empty());
    EXPECT_EQ(kept.documents.size(), 6u);
}

TEST(MergedComps, JoinGroupsOfOneIdAndKeepTheFirstNames) {
    const std::string first =
        "<comps><group><id>b</id><name>First</name><packagelist><packagereq type=\"mandatory\">x"
        "</packagereq></packagelist></group><langpacks><match name=\"a\" install=\"a-%s\"/>"
        "</langpacks></comps>";
    const std::string second =
        "<comps><category><id>c</id><grouplist><groupid>b</groupid></grouplist></category>"
        "<group><id>b</id><name>Second</name><packagelist><packagereq>y</packagereq>"
        "<packagereq>x</packagereq></packagelist></group><group><id>a</id></group>"
        "<langpacks><match name=\"a\" install=\"a-%s\"/><match name=\"b\" install=\"b-%s\"/>"
        "</langpacks></comps>";
    EXPECT_EQ(yum::merged_comps({first, second}),
              "<comps>\n"
              "  <group>\n    <id>a</id>\n  </group>\n"
              "  <group>\n    <id>b</id>\n    <name>First</name>\n    <packagelist>\n"
              "      <packagereq type=\"mandatory\">x</packagereq>\n"
              "      <packagereq>y</packagereq>\n    </packagelist>\n  </group>\n"
              "  <category>\n    <id>c</id>\n    <grouplist>\n      <groupid>b</groupid>\n"
              "    </grouplist>\n  </category>\n"
              "  <langpacks>\n    <match name=\"a\" install=\"a-%s\"/>\n"
              "    <match name=\"b\" install=\"b-%s\"/>\n  </langpacks>\n"
              "</comps>\n");
    EXPECT_EQ(yum::merged_comps({first, second}), yum::merged_comps({first, second, first}));
}

}  // namespace
