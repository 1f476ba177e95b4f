// SPDX-License-Identifier: GPL-3.0-or-later
// A depot that was made while generations had everything themselves goes on without repair.
#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model/error.hpp"
#include "core/store/generation_tree.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/places.hpp"
#include "tests/core/faults.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Upgrade : public testing::Test, public World {
  protected:
    Upgrade() : World(plain_configuration("public_url = \"https://repo.example.org\"\n")) {}

    void SetUp() override {
        core::write_file(depot->layout.provider_keys() / "ada.asc", "ADA");
        a = admitted("a", "1", {"a 1 x86_64"});
        promote(a, "stage-rollout");
        b = admitted("b", "1", {"b 1 x86_64", "debian12/ b 1 amd64"});
        make_old();
        reopen();
    }

    /// The present generation as it was up to format 2 of state.json, and none beside it.
    void make_old() {
        const core::Layout layout = depot->layout;
        const core::State state = depot->state();
        const std::string name = "generations/" + core::Layout::generation_name(state.generation);
        const fs::path old = directory / "old", now = layout.generation(state.generation);
        json text = json::parse(core::to_json(state));
        for (const auto& [path, published] : state.repositories) {
            const core::Repository& repository = published.repository;
            const fs::path stable = layout.stable(repository);
            fs::create_directories((old / path).parent_path());
            linked_copy(
                layout.public_tree() / core::real_place(layout, state.generation, published.place),
                old / path);
            core::point(
                old / path / "files",
                core::relative_link(name + "/" + path, repository.home().path() + "/files"));
            core::write_file(old / path / "mirrorlist",
                             "https://repo.example.org/" + name + "/" + path + "/\n");
            json& entry = text["repositories"][path];
            entry.erase("place");
            entry["lasting"] = json::array();
            entry["superseded"] = json::object();
            for (const std::string& file : core::names_below(stable / "index")) {
                if (!core::digest_in_name(file)) continue;
                if (fs::exists(old / path / "index" / file)) {
                    entry["lasting"].push_back("index/" + file);
                } else {
                    entry["superseded"]["index/" + file] = core::format_time(state.date);
                    core::hard_link(stable / "index" / file, old / path / "index" / file);
                }
            }
            core::remove_tree(stable / "index");
            for (const char* file : {"index", "mirrorlist"}) {
                core::point(stable / file,
                            core::relative_link(path, "current/" + path + "/" + file));
            }
        }
        linked_copy(layout.public_tree() / core::real_place(layout, state.generation, "keys"),
                    old / "keys");
        fs::create_directories(old / "client");
        for (const auto& file : fs::directory_iterator(layout.client_files())) {
            if (!fs::exists(file)) continue;
            core::write_file(old / "client" / file.path().filename(), core::read_file(file));
        }
        core::remove_tree(layout.client_files());
        core::point(layout.client_files(), "current/client");
        text["format"] = 2;
        core::write_file(old / "state.json", text.dump());
        for (const core::Entry& entry : core::entries(layout.generations())) {
            core::remove_tree(entry.path);
        }
        fs::rename(old, now);
    }

    /// All that sites may ask for has an answer.
    void expect_whole() {
        for (const auto& [path, published] : depot->state().repositories) {
            const fs::path stable = depot->layout.stable(published.repository);
            const std::string root = core::read_file(stable / "index/root");
            EXPECT_TRUE(fs::exists(stable / "index" / root.substr(0, 69))) << path;
            EXPECT_TRUE(fs::exists(stable / "index/root.sig")) << path;
            const std::string list = core::read_file(stable / "mirrorlist");
            const std::string pinned = list.substr(25, list.size() - 26);
            EXPECT_EQ(core::read_file(depot->layout.public_tree() / pinned / "index/root"), root);
            EXPECT_TRUE(fs::exists(depot->layout.public_tree() / pinned / "files")) << path;
        }
        for (const char* file : {"umd5-production-el9.site", "umd5-unverified-b-1-el9.site"}) {
            EXPECT_THAT(core::read_file(depot->layout.client_files() / file), HasSubstr("ada.asc"));
        }
        EXPECT_EQ(core::read_file(depot->layout.keys() / "provider-ada.asc"), "ADA");
    }

    std::string a, b;
};

TEST_F(Upgrade, GoesOnWithWhatIsThere) {
    EXPECT_EQ(findings(), "");
    expect_whole();
    const auto superseded = [&] {
        return core::names_below(published("unverified/umd5/el9/x86_64/index")).size() - 2;
    };
    EXPECT_EQ(superseded(), 3u);
    const std::string root =
        core::read_file(published("production/umd5/debian12/amd64/index/root"));
    const std::string c = admitted("c", "1", {"c 1 x86_64"});
    EXPECT_EQ(findings(), "");
    expect_whole();
    EXPECT_EQ(superseded(), 4u);
    EXPECT_EQ(core::read_file(published("production/umd5/debian12/amd64/index/root")), root)
        << "what nothing changed is not made anew";
    promote(c, "stage-rollout");
    EXPECT_TRUE(fs::is_directory(fs::symlink_status(depot->layout.client_files())));
    EXPECT_FALSE(fs::exists(depot->layout.generation(depot->state().generation) / "client"));
    EXPECT_EQ(findings(), "");
    expect_whole();
    operations().rollback(4, std::nullopt, asked);
    EXPECT_EQ(findings(), "");
    clock.time += std::chrono::hours(100);
    operations().refresh(asked);
    gc();
    EXPECT_EQ(findings(), "");
    expect_whole();
    clock.time += std::chrono::hours(100);
    gc();
    EXPECT_EQ(superseded(), 1u);
    EXPECT_EQ(findings(), "");
    expect_whole();
}

TEST_F(Upgrade, CutOffAnywhereLeavesAllUrlsAsTheyWere) {
    const std::string root = core::read_file(published("unverified/umd5/el9/x86_64/index/root"));
    for (const char* call : {"symlink", "link", "mkdir", "rename"}) {
        int step = 0;
        for (bool failed = true; failed; step += 7) {
            SCOPED_TRACE(call + std::to_string(step));
            failed = false;
            try {
                const Fault fault(call, "", EIO, 1, step);
                promote(b, "stage-rollout");
            } catch (const core::Error&) {
                failed = true;
            }
            reopen();
            if (failed) {
                EXPECT_EQ(core::read_file(published("unverified/umd5/el9/x86_64/index/root")),
                          root);
                ASSERT_EQ(findings(), "");
                expect_whole();
            }
        }
        EXPECT_GT(step, 7);
        operations().rollback(std::nullopt, std::nullopt, asked);
        make_old();
        reopen();
    }
}

}  // namespace
}  // namespace core_test
