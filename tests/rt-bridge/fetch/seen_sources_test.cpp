// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/seen_sources.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace fetch {
namespace {

class Seen : public testing::Test {
  protected:
    Sighting sighting(const std::string& url, int made) const {
        return {{source_name(url), "", "ABCD"}, core::Time(std::chrono::seconds(made))};
    }

    bool older(const std::string& url, int made) const {
        try {
            SeenSources(file_).refuse_older(sighting(url, made));
            return false;
        } catch (const core::Refused& refusal) {
            EXPECT_EQ(refusal.code(), "source-replayed");
            return true;
        }
    }

    void record(const std::string& url, int made) {
        SeenSources(file_).record(sighting(url, made));
    }

    tests::Scratch scratch_;
    const std::filesystem::path file_ = scratch_ / "bridge/sources.json";
};

TEST_F(Seen, OutlivesTheProcessAndNeverGrowsOlder) {
    EXPECT_FALSE(older("http://a.org/repo", 5));
    record("http://a.org/repo", 5);
    record("http://a.org/repo", 4);
    EXPECT_TRUE(older("http://a.org/repo", 4));
    EXPECT_FALSE(older("http://a.org/repo", 5));
    EXPECT_FALSE(older("http://b.org/repo", 4));
}

TEST_F(Seen, SweepsWhatAKilledProcessLeft) {
    record("http://a.org/repo", 5);
    const auto left = file_.parent_path() / ".sources.json.1.0.new";
    const auto of_another = file_.parent_path() / ".state.json.1.0.new";
    for (const auto& file : {left, of_another}) core::write_file(file, "");
    record("http://a.org/repo", 6);
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_TRUE(std::filesystem::exists(of_another)) << "its writer may live";
}

TEST_F(Seen, KnowsTheSpellingsOfAUrlForOne) {
    record("HTTP://A.org:80/repo", 5);
    EXPECT_TRUE(older("http://a.org/repo/", 4));
    EXPECT_EQ(source_name("http://a.org/'$x'"), "http://a.org:80/%27$x%27/");
    record("http://a.org/it's", 5);
    EXPECT_EQ(SeenSources(file_).forget("http://a.org/it%27s"), 1u);
    EXPECT_FALSE(older("http://a.org/it's", 4));
}

TEST_F(Seen, ThatCannotBeReadIsAnErrorThatNamesTheFile) {
    record("http://a.org/repo", 5);
    const std::string good = core::read_file(file_);
    for (const std::string& bad :
         {std::string(), good.substr(0, good.size() / 2), std::string("{\"format\": 2}"),
          std::string("{\"format\": 1}"), std::string("[]"),
          std::string("{\"format\":1,\"sources\":[{\"url\":\"\",\"suite\":\"\",\"key\":\"\","
                      "\"made\":\"yesterday\"}]}")}) {
        std::ofstream(file_, std::ios::trunc) << bad;
        const auto fails = [&](const auto& action) {
            try {
                action();
                ADD_FAILURE() << bad;
            } catch (const core::Error& error) {
                EXPECT_NE(std::string(error.what()).find(file_.string()), std::string::npos)
                    << error.what();
            }
        };
        fails([&] { older("http://a.org/repo", 9); });
        fails([&] { record("http://a.org/repo", 9); });
        fails([&] { SeenSources(file_).forget("http://a.org/repo"); });
        EXPECT_EQ(core::read_file(file_), bad) << "it is left as it is";
    }
}

}  // namespace
}  // namespace fetch
