// SPDX-License-Identifier: GPL-3.0-or-later
// Releases, their records and their ids; the state.
#include "core/model/release.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model/error.hpp"
#include "core/model/layout.hpp"
#include "core/model/reason.hpp"
#include "core/model/state.hpp"
#include "core/store/records.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

using core::Release;
using core::release_from_json;
using core::release_id;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string hostile =
    std::string("\0\x01", 2) +
    "\"\\/\b\f\n\r\t{}[]<&>'%s%n \x7f \xc2\x9b \xe2\x80\xae \xf0\x9d\x84\x9e" +
    std::string(10'000, 'x');

Release hostile_release() {
    Release release;
    release.id = "argus-1";
    release.line = "umd5";
    release.product = release.version = release.by = release.cause = hostile;
    release.emergency = true;
    release.submitters = {"", hostile};
    release.admitted = core::parse_time("2026-11-22T14:48:57Z");
    release.operation = ~std::uint64_t{0};
    core::Descriptor& descriptor = release.descriptor;
    for (std::string* text :
         {&descriptor.revision, &descriptor.product, &descriptor.version, &descriptor.provider,
          &descriptor.contact, &descriptor.description, &descriptor.date, &descriptor.release_notes,
          &descriptor.change_log, &descriptor.sync_protocol, &descriptor.sync_url}) {
        *text = hostile;
    }
    descriptor.documentation_links = {hostile, ""};
    descriptor.platforms = {hostile};
    descriptor.architectures = {"", hostile};
    descriptor.emergency = descriptor.incremental = descriptor.dry_run = descriptor.lists_packages =
        true;
    descriptor.packages = {{hostile, hostile, hostile, hostile, hostile, hostile, hostile, 7}, {}};
    descriptor.fields = {{hostile, hostile}, {"", ""}};
    release.descriptor_digest = core::sha256("descriptor");
    core::Package package;
    package.digest = core::sha256("package");
    package.size = std::uint64_t{1} << 40;
    for (std::string* text :
         {&package.format, &package.name, &package.epoch, &package.version, &package.release,
          &package.architecture, &package.component, &package.path, &package.platform,
          &package.signed_by, &package.signed_with}) {
        *text = hostile;
    }
    package.every_architecture = package.source = true;
    package.remarks = {{hostile, {hostile, ""}, 7}, {}};
    release.packages = {package, {}};
    release.documents = {{core::sha256("document"), 9, hostile, hostile, hostile}};
    release.ids = {"", hostile};
    release.warnings = {{core::Severity::warning, "code", hostile, 1, 2, hostile, hostile, hostile},
                        {core::Severity::error, "code", "", 0, 0, "", "message", ""}};
    return release;
}

TEST(Release, SurvivesItsRecordWhateverItsTextsAre) {
    EXPECT_EQ(release_from_json(core::to_json(hostile_release())), hostile_release());
    EXPECT_EQ(release_from_json(core::to_json(Release())), Release());
}

TEST(Release, RecordIsOneLine) {
    const std::string text = core::to_json(hostile_release());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Release, BytesThatAreNoUtf8AreReplacedOnce) {
    Release release;
    release.product =
        "a\xff"
        "b";
    const Release read = release_from_json(core::to_json(release));
    EXPECT_EQ(read.product,
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(release_from_json(core::to_json(read)), read);
}

TEST(Release, KeepsItsProvider) {
    core::Release release = hostile_release();
    release.provider = "lumen";
    EXPECT_EQ(release_from_json(core::to_json(release)).provider, "lumen");
}

TEST(Release, ADamagedRecordIsAnErrorAndNoMore) {
    const auto whole = nlohmann::json::parse(core::to_json(hostile_release()));
    for (const auto& [key, value] : whole.items()) {
        auto missing = whole, wrong = whole;
        missing.erase(key);
        wrong[key] = value.is_object() ? nlohmann::json(1) : nlohmann::json::object();
        if (key != "submitters" && key != "ids") {  // older records have none
            EXPECT_THROW(release_from_json(missing.dump()), core::Error) << key;
        }
        if (value.is_array()) continue;  // an empty object is an empty list
        EXPECT_THROW(release_from_json(wrong.dump()), core::Error) << key;
    }
    for (const char* bad : {"", "{", "null", "[]", "{\"format\":2}", "\xff"}) {
        EXPECT_THROW(release_from_json(bad), core::Error) << bad;
    }
    EXPECT_THROW(release_from_json(std::string(1'000'000, '[')), core::Error);
}

TEST(ReleaseId, SaysProductVersionLineAndSubmission) {
    EXPECT_EQ(release_id("argus", "1.7.3", "umd5", true, 1), "argus-1.7.3");
    EXPECT_EQ(release_id("argus", "1.7.3", "umd4", false, 1), "argus-1.7.3@umd4");
    EXPECT_EQ(release_id("argus", "1.7.3", "umd5", true, 2), "argus-1.7.3~2");
    EXPECT_EQ(release_id("Argus PAP", "EMI-2 Update 9", "umd4", false, 12),
              "argus-pap-emi-2-update-9@umd4~12");
}

TEST(ReleaseId, IsSafeInPathsAndUrlsWhateverTheNames) {
    const std::string names[] = {
        "",      ".", "..",    "../../etc/passwd",    "-rf",         "a/b",   "a\0b", "ÄÖ",
        "~root", "@", hostile, std::string(500, 'z'), "con:$(x)`y`", "%2e%2e"};
    for (const std::string& product : names) {
        for (const std::string& version : names) {
            const std::string id = release_id(product, version, "umd5", true, 1);
            EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._+-"),
                      std::string::npos)
                << id;
            EXPECT_NE(id.front(), '.');
            EXPECT_NE(id.front(), '-');
            EXPECT_LE(id.size(), 165u);
        }
    }
    EXPECT_EQ(release_id("..", "/", "umd5", true, 1), "unnamed-unnamed");
}

class Records : public testing::Test {
  protected:
    tests::Scratch directory;
    core::Records records{directory.path()};
};

TEST_F(Records, GiveBackWhatWasSaved) {
    Release release = hostile_release();
    records.save(release);
    EXPECT_TRUE(records.has("argus-1"));
    EXPECT_EQ(records.load("argus-1"), release);
    release.id = "argus-1@umd4~2";
    records.save(release);
    EXPECT_THAT(records.ids(), ElementsAre("argus-1", "argus-1@umd4~2"));
    records.remove("argus-1");
    records.remove("argus-1");
    EXPECT_THAT(records.ids(), ElementsAre("argus-1@umd4~2"));
}

TEST_F(Records, NoNameLeadsOutOfTheirDirectory) {
    core::write_file(directory / "outside.json", core::to_json(Release()));
    const core::Records below(directory / "below");
    core::make_directories(directory / "below");
    for (const std::string& bad :
         {std::string("../outside"), std::string(), std::string("."), std::string("a/b"),
          std::string("A"), std::string("a\0", 2), std::string(300, 'a'), std::string(".hidden")}) {
        EXPECT_FALSE(below.has(bad));
        EXPECT_THROW(below.load(bad), core::Error);
        core::Records(directory / "below").remove(bad);
        Release release;
        release.id = bad;
        EXPECT_THROW(core::Records(directory / "below").save(release), core::Error);
    }
    EXPECT_TRUE(std::filesystem::exists(directory / "outside.json"));
    EXPECT_TRUE(std::filesystem::exists(directory / "below"));
}

TEST_F(Records, AreOnlyWhatBearsTheNameOfOne) {
    for (const char* stray :
         {"notes.txt", ".argus-1.json.7.new", "Copy of argus-1.json", ".json"}) {
        core::write_file(directory / stray, "{}");
    }
    EXPECT_TRUE(records.ids().empty());
}

TEST_F(Records, ADamagedOneIsNamedInTheError) {
    core::write_file(directory / "argus-1.json", "{");
    try {
        records.load("argus-1");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("argus-1.json"));
    }
}

TEST(State, SurvivesItsText) {
    core::State state;
    state.generation = 7;
    state.date = core::parse_time("2026-11-22T14:48:57Z");
    state.standing = {{"a-1", "production"}, {"b-1@umd4~2", "unverified"}};
    state.arrivals = {{"a-1", 5}};
    core::PublishedRepository published;
    published.repository = {"unverified", "umd5", "a-1", "el9", "x86_64"};
    published.place = published.repository.place();
    published.composed = 3;
    published.date = published.valid_until = state.date;
    published.carried = {"repodata/x"};
    state.repositories[published.repository.path()] = published;
    EXPECT_EQ(core::state_from_json(core::to_json(state)), state);
    EXPECT_EQ(core::state_from_json(core::to_json(core::State())), core::State());
    for (const char* bad :
         {"", "[]", "{}", "{\"format\":9}", "{\"format\":0}", "{\"format\":1}", "{\"format\":3}"}) {
        EXPECT_THROW(core::state_from_json(bad), core::Error) << bad;
    }
}

TEST(State, OfBeforeArrivalsWereKeptHasNone) {
    const core::State state =
        core::state_from_json(R"({"format":1,"generation":1,"date":"2026-11-30T00:00:00Z",
                                  "standing":{"a-1":"production"},"repositories":{}})");
    EXPECT_THAT(state.arrivals, testing::IsEmpty());
    EXPECT_EQ(state.standing.at("a-1"), "production");
    EXPECT_TRUE(state.client_files_apart());
}

TEST(State, OfBeforeSupersededFilesStoodBesideTheStableUrlsNamesThoseItHas) {
    core::State state;
    state.generation = 7;
    state.date = core::parse_time("2026-11-22T14:48:57Z");
    state.standing = {{"a-1", "unverified"}};
    core::PublishedRepository published;
    published.repository = {"unverified", "umd5", "a-1", "el9", "x86_64"};
    published.place = published.repository.path();
    published.carried = {"repodata/x", "repodata/w"};
    const std::string path = published.repository.path();
    state.repositories[path] = published;
    std::string text = core::to_json(state);
    for (const auto& [now, then] :
         {std::pair<std::string, std::string>{"\"format\":5", "\"format\":2"},
          {"\"carried\":[\"repodata/x\",\"repodata/w\"]",
           "\"lasting\":[\"repodata/x\"],\"superseded\":{\"repodata/w\":\"2026-11-22T14:48:57Z\"}"},
          {"\"place\":\"" + path + "\",", ""}}) {
        const std::size_t at = text.find(now);
        ASSERT_NE(at, std::string::npos) << text;
        text.replace(at, now.size(), then);
    }
    state.format = 2;
    EXPECT_EQ(core::state_from_json(text), state);
}

TEST(State, DoesNotSayWhatFollowsFromAPath) {
    core::State state;
    core::PublishedRepository& published = state.repositories["production/umd5/el9/x86_64"];
    published.repository = core::repository_at("production/umd5/el9/x86_64");
    published.place = published.repository.path();
    published.date = published.valid_until = core::parse_time("2026-11-22T14:48:57Z");
    const std::string text = core::to_json(state);
    for (const char* member : {"place", "platform", "tree", "carried"}) {
        EXPECT_THAT(text, testing::Not(HasSubstr(member))) << member;
    }
    EXPECT_EQ(core::state_from_json(text), state);
}

TEST(Repository, HasThePathThatItIsFoundBy) {
    for (const core::Repository& repository :
         {core::Repository{"production", "umd5", "", "el9", "x86_64"},
          core::Repository{"production", "umd5", "", "debian12", ""},
          core::Repository{"unverified", "umd5", "argus-1.7.3", "el9", "x86_64"},
          core::Repository{"unverified", "umd5", "argus-1.7.3", "debian12", ""}}) {
        EXPECT_EQ(core::repository_at(repository.path()), repository) << repository.path();
    }
    for (const char* path : {"", "production", "production/umd5", "a/b/c/d/e",
                             "unverified/umd5/releases/argus-1.7.3"}) {
        EXPECT_THROW(core::repository_at(path), core::Error) << path;
    }
}

TEST(Repository, OfOneReleaseStandsInAShortDirectory) {
    const core::Repository own{"unverified", "umd5", "argus-1.7.3", "el9", "x86_64"};
    EXPECT_EQ(own.path(), "unverified/umd5/releases/argus-1.7.3/el9/x86_64");
    const std::string hash = core::sha256("argus-1.7.3").hex();
    EXPECT_EQ(own.place(), std::string("unverified/umd5/releases/") + hash[0] + "/" + hash[1] +
                               "/" + hash[2] + "/argus-1.7.3/el9/x86_64");
    EXPECT_EQ(own.home().place(), own.home().path());
    EXPECT_EQ(core::place_of("unverified/umd5/releases"), "unverified/umd5/releases");
}

TEST(State, OfANewerFormatIsToldAsThat) {
    try {
        core::state_from_json(R"({"format":6})");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("format 6"));
        EXPECT_THAT(error.what(), HasSubstr("newer sluice"));
    }
}

TEST(Layout, NamesOfGenerationsAreTheirNumbers) {
    using core::Layout;
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{999'999},
                                       std::uint64_t{1'000'000}, ~std::uint64_t{0}}) {
        EXPECT_EQ(Layout::generation_number(Layout::generation_name(number)), number);
    }
    EXPECT_EQ(Layout::generation_name(124), "000124");
    for (const char* bad :
         {"", "124", "0000124", "-00124", "00012x", "00012 ", "+00124", "18446744073709551616"}) {
        EXPECT_EQ(Layout::generation_number(bad), std::nullopt) << bad;
    }
}

TEST(Layout, LinksAreRelativeAndStayInThePublicTree) {
    EXPECT_EQ(core::relative_link("production/umd5/el9/x86_64", "current/a"),
              "../../../../current/a");
    EXPECT_EQ(core::Repository({"production", "umd5", "", "el9", "x86_64"}).path(),
              "production/umd5/el9/x86_64");
    EXPECT_EQ(core::Repository({"unverified", "umd5", "a-1", "debian12", ""}).path(),
              "unverified/umd5/releases/a-1/debian12");
    EXPECT_EQ(core::Repository({"unverified", "umd5", "a-1", "el9", "x86_64"}).home().path(),
              "unverified/umd5/el9/x86_64");
}

TEST(Problem, IsOneHarmlessLineWithItsPlaceAndItsCode) {
    const core::Problem problem{core::Severity::error, "bad-version",       "release\n.xml", 12, 3,
                                "Release/Version",     "no \x1b[1mversion", "give one"};
    EXPECT_EQ(core::describe(problem),
              "release\\x0a.xml:12:3: error: Release/Version: no \\x1b[1mversion (give one) "
              "[bad-version]");
    EXPECT_EQ(core::describe({core::Severity::warning, "x", "", 0, 0, "", "text", ""}),
              "warning: text [x]");
}

TEST(Refused, OfAReportIsItsFirstErrorAndHasAllOfIt) {
    const core::Report report{{core::Severity::warning, "w", "", 0, 0, "", "warned", ""},
                              {core::Severity::error, "e", "a.rpm", 0, 0, "", "broken", "mend it"},
                              {core::Severity::error, "f", "", 0, 0, "", "more", ""}};
    const core::Refused refused(report);
    EXPECT_EQ(refused.code(), "e");
    EXPECT_STREQ(refused.what(), "a.rpm: broken");
    EXPECT_EQ(refused.remedy(), "mend it");
    EXPECT_EQ(refused.report(), report);
}

}  // namespace
}  // namespace core_test
