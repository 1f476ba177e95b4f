// SPDX-License-Identifier: GPL-3.0-or-later
// A state in the files of its generation: all of it is read back, and a commit writes what it
// changes.
#include "core/store/state_files.hpp"

#include <array>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/store/generation_tree.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class StateFiles : public testing::Test, public World {
  protected:
    fs::path generation() const { return depot->layout.generation(depot->current_generation()); }

    /// The files that the present generation has itself.
    std::size_t own_files() const {
        std::size_t count = 0;
        for (const std::string& file : core::names_below(generation())) {
            if (fs::path(file).filename() == "state.json") ++count;
        }
        return count;
    }
};

TEST_F(StateFiles, HaveAllThatTheOperationReturned) {
    const std::string a = admitted("a", "1", {"a 1 x86_64"});
    for (int i = 0; i < 20; ++i)
        admitted("b", std::to_string(i), {"b" + std::to_string(i) + " 1 x86_64"});
    const auto expect_kept = [&](const core::State& returned) {
        EXPECT_EQ(returned, depot->state());
    };
    expect_kept(promote(a, "stage-rollout").state);
    expect_kept(operations().reject("b-7", asked).state);
    expect_kept(operations().rollback(9, std::nullopt, asked).state);
    expect_kept(operations().refresh(asked).state);
    clock.time += std::chrono::hours(1000);
    expect_kept(promote("b-1", "stage-rollout").state);
    clock.time += std::chrono::hours(1000);
    expect_kept(operations().refresh(asked).state);
    EXPECT_THAT(depot->state().closed, IsEmpty());
    EXPECT_EQ(findings(), "");
}

TEST_F(StateFiles, AreWrittenWhereSomethingChanges) {
    for (int i = 0; i < 20; ++i)
        admitted("b", std::to_string(i), {"b" + std::to_string(i) + " 1 x86_64"});
    EXPECT_EQ(own_files(), 3u);  // the first, that of unverified/umd5, that of the release
    promote("b-3", "stage-rollout");
    EXPECT_EQ(own_files(), 4u);
    EXPECT_THAT(core::read_file(generation() / core::state_directory("b-3") / "state.json"),
                HasSubstr(R"("b-3":"stage-rollout")"));
}

TEST_F(StateFiles, ThatAreMissingOrOfAnotherStateAreNotTakenForNothing) {
    const std::string id = admitted("a", "1", {"a 1 x86_64"});
    const core::State state = depot->state();
    const auto expect_error = [&](const std::string& said) {
        try {
            depot->state();
            ADD_FAILURE() << said;
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(), HasSubstr(said));
        }
        EXPECT_THROW(promote(id, "stage-rollout"), core::Error);
    };
    for (const std::string& path :
         {core::state_directory(id), std::string("state"), std::string("state.json"),
          core::state_directory(id) + "/state.json"}) {
        SCOPED_TRACE(path);
        fs::rename(generation() / path, directory / "kept");
        expect_error("");
        fs::rename(directory / "kept", generation() / path);
        EXPECT_EQ(depot->state(), state);
    }
    core::State other = state;
    other.standing.clear();
    core::write_part(core::parts_of(other)[core::state_directory(id)],
                     generation() / core::state_directory(id));
    expect_error("is missing in");
    write_state(state);
    other = state;
    other.generation = 1;
    core::write_first_part(other, generation());
    expect_error("is of another generation");
}

TEST_F(StateFiles, ThatChangedByABitAreNotBelieved) {
    admitted("a", "1", {"a 1 x86_64"});
    for (const char* path : {"state.json", "unverified/umd5/state.json"}) {
        const fs::path file = generation() / path;
        const std::string text = core::read_file(file);
        for (std::size_t at = 0; at + 1 < text.size(); ++at) {
            std::string other = text;
            other[at] ^= 1;
            core::write_file(file, other);
            try {
                EXPECT_EQ(depot->state().lost.size(), 1u) << other.substr(0, at);
            } catch (const core::Error&) {
            }
        }
        core::write_file(file, text);
    }
    EXPECT_EQ(findings(), "");
}

TEST_F(StateFiles, OfALineThatAreLostAreToldAndMadeAnew) {
    admitted("a", "1", {"a 1 x86_64"});
    const auto damages = std::to_array<std::function<void(const fs::path&)>>(
        {[](const fs::path& file) { fs::remove(file); },
         [](const fs::path& file) { core::write_file(file, ""); },
         [](const fs::path& file) { core::write_file(file, R"({"format":4})"); },
         [](const fs::path& file) { fs::remove(file), fs::create_directory(file); },
         [](const fs::path& file) { fs::remove_all(file.parent_path()); },
         [](const fs::path& file) { fs::remove_all(file.parent_path().parent_path()); }});
    for (std::size_t i = 0; i < damages.size(); ++i) {
        SCOPED_TRACE(i);
        damages[i](generation() / "unverified/umd5/state.json");
        EXPECT_FALSE(depot->state().lost.empty());
        EXPECT_THAT(findings(), AllOf(HasSubstr("`sluice refresh`"), Not(HasSubstr("belong"))));
        EXPECT_THROW(gc(), core::Error);
        const auto lines = depot->ledger.read().size();
        for (const bool dry_run : {true, false}) {
            asked.dry_run = dry_run;
            EXPECT_THROW(promote("a-1", "stage-rollout"), core::Error) << "it is told when planned";
        }
        EXPECT_EQ(depot->ledger.read().size(), lines);
        operations().refresh(asked);
        EXPECT_EQ(findings(), "");
    }
}

TEST_F(StateFiles, OfEarlierGenerationsThatAreDamagedAreTold) {
    admitted("a", "1", {"a 1 x86_64"});
    core::write_file(depot->layout.generation(1) / "state.json", "");
    EXPECT_THAT(findings(), HasSubstr("public/generations/000001: "));
}

}  // namespace
}  // namespace core_test
