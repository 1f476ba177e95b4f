// SPDX-License-Identifier: GPL-3.0-or-later
// The directories of generations: what is linked, what is new, and that nothing is lost.
#include "core/store/generation_tree.hpp"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/faults.hpp"
#include "tests/scratch.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using Paths = std::set<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class GenerationTree : public testing::Test {
  protected:
    using Change = core::TreeChange;

    GenerationTree() { core::make_directories(layout.generations()); }

    /// Makes the next generation. What is made anew gets a file that says by which one.
    Paths make(const Change& change) {
        const std::uint64_t before = number++;
        const fs::path generation = layout.generation(number);
        core::make_directories(generation);
        const Paths own = core::link_unchanged(layout, before, change, generation);
        for (const std::string& path : change.made) {
            core::make_directories(generation / path);
            core::write_file(generation / path / "by", std::to_string(number));
        }
        return own;
    }

    /// Everything that a generation has, with who made it.
    std::map<std::string, std::string> seen(std::uint64_t generation) const {
        std::map<std::string, std::string> all;
        collect(layout.generation(generation), "", all);
        return all;
    }

    static void collect(const fs::path& directory, const std::string& path,
                        std::map<std::string, std::string>& all) {
        for (const core::Entry& entry : core::entries(directory)) {
            const std::string child = path + "/" + entry.name();
            if (entry.kind == core::Kind::file) {
                all[path.substr(1)] = core::read_file(entry.path);
            } else {
                collect(entry.path, child, all);
            }
        }
    }

    std::size_t entries_of(std::uint64_t generation) const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(layout.generation(generation))) {
            if (!entry.is_regular_file() || entry.is_symlink()) ++count;
        }
        return count;
    }

    const tests::Scratch directory;
    const core::Layout layout{directory.path()};
    std::uint64_t number = 0;
};

TEST_F(GenerationTree, HasTheDirectoriesThatLeadToWhatChangedAndLinksToTheRest) {
    make({{"a/x/one", "a/x/two", "a/y/one", "b/one", "keys"}, {}, {}});
    EXPECT_EQ(make({{"a/x/two"}, {}, {}}), (Paths{"a", "a/x"}));
    const fs::path two = layout.generation(2);
    EXPECT_EQ(core::pointed(two / "b"), "../../generations/000001/b");
    EXPECT_EQ(core::pointed(two / "a/y"), "../../../generations/000001/a/y");
    EXPECT_EQ(core::pointed(two / "a/x/one"), "../../../../generations/000001/a/x/one");
    EXPECT_TRUE(fs::is_directory(fs::symlink_status(two / "a/x/two")));
    // Links are to real directories, never to other links.
    EXPECT_EQ(make({{"c"}, {}, {}}), Paths{});
    EXPECT_EQ(core::pointed(layout.generation(3) / "b"), "../../generations/000001/b");
    EXPECT_EQ(core::pointed(layout.generation(3) / "a"), "../../generations/000002/a");
    EXPECT_EQ(core::real_place(layout, 3, "a/x/one"), "generations/000001/a/x/one");
    EXPECT_EQ(core::real_place(layout, 3, "a/x/two"), "generations/000002/a/x/two");
    EXPECT_EQ(core::real_place(layout, 3, ""), "generations/000003");
}

TEST_F(GenerationTree, WithoutWhatIsGoneHasNoEmptyDirectories) {
    make({{"a/x/one", "a/y/one", "b/one"}, {}, {}});
    make({{}, {"a/x/one"}, {}});
    EXPECT_EQ(core::names_below(layout.generation(2)), (Paths{"a/y", "b"}));
    EXPECT_FALSE(fs::exists(layout.generation(2) / "a/x"));
}

TEST_F(GenerationTree, OpensADirectoryThatGetsAnotherFile) {
    make({{"a/x/one", "a/y/one"}, {}, {}});
    EXPECT_EQ(make({{}, {}, {"a/x"}}), (Paths{"a", "a/x"}));
    EXPECT_EQ(core::pointed(layout.generation(2) / "a/x/one"),
              "../../../../generations/000001/a/x/one");
}

TEST_F(GenerationTree, IsTheSameByAnyHistory) {
    std::minstd_rand random(7);
    std::map<std::string, std::string> model;
    for (int step = 0; step < 200; ++step) {
        Change change;
        for (int i = 0; i < 3; ++i) {
            const auto part = [&] { return std::string(1, static_cast<char>('a' + random() % 4)); };
            const std::string path = part() + "/" + part() + "/" + part();
            if (random() % 3 == 0 && model.contains(path)) {
                change.gone.insert(path);
            } else if (random() % 5 == 0 && model.contains(path)) {
                change.opened.insert(path.substr(0, 3));
            } else if (!change.gone.contains(path)) {
                change.made.insert(path);
            }
        }
        for (const std::string& path : change.made) change.gone.erase(path);
        for (const std::string& path : change.gone) model.erase(path);
        make(change);
        for (const std::string& path : change.made) model[path] = std::to_string(number);
        ASSERT_EQ(seen(number), model) << step;
        for (const auto& entry : fs::recursive_directory_iterator(layout.generation(number))) {
            if (!entry.is_symlink()) continue;
            const auto target =
                fs::symlink_status(entry.path().parent_path() / fs::read_symlink(entry.path()));
            ASSERT_TRUE(fs::is_directory(target)) << entry.path();
        }
    }
}

TEST_F(GenerationTree, NeedsTheDirectoriesToWhichItLeadsAndNoOthers) {
    make({{"a/one", "a/two", "b/one"}, {}, {}});
    make({{"a/one"}, {}, {}});
    EXPECT_EQ(core::real_directories(layout, {2}),
              (Paths{"generations/000001/a/two", "generations/000001/b", "generations/000001/b/one",
                     "generations/000002", "generations/000002/a", "generations/000002/a/one"}));
}

TEST_F(GenerationTree, MakesAsManyEntriesAmongThousandsAsAmongFew) {
    Change many;
    for (int i = 0; i < 2000; ++i) {
        many.made.insert(core::place_of("u/d/releases/r-" + std::to_string(i)));
    }
    make(many);
    make({{core::place_of("u/d/releases/new")}, {}, {}});
    EXPECT_LT(entries_of(2), 60u);
}

TEST_F(GenerationTree, IsNotMadeWhereSomethingIsDamaged) {
    make({{"a/one", "b/one"}, {}, {}});
    make({{"a/one"}, {}, {}});
    const fs::path link = layout.generation(2) / "b";
    for (const char* target : {"nowhere", "/etc", "../../generations/000009/b",
                               "../../generations/../../etc", "../../keys"}) {
        fs::remove(link);
        fs::create_symlink(target, link);
        try {
            make({{"a/one"}, {}, {}});
            FAIL() << target;
        } catch (const core::Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("000002/b is damaged or missing"));
        }
        EXPECT_THROW(core::real_place(layout, 2, "b"), core::Error) << target;
        core::remove_tree(layout.generation(number--));
    }
    EXPECT_THROW(core::real_place(layout, 2, "c"), core::Error);
}

TEST_F(GenerationTree, IsMadeAsAWholeOrNotAtAll) {
    make({{"a/one", "a/two", "b/one"}, {}, {}});
    for (const auto& [call, path] : {std::pair("symlink", "000002/b"),
                                     {"opendir", "000001/a"},
                                     {"readdir", "000001"},
                                     {"lstat", "000001/b"},
                                     {"mkdir", "000002/a"}}) {
        const Fault fault(call, path, EIO, 2);
        EXPECT_THROW(make({{"a/one"}, {}, {}}), core::Error) << call;
        EXPECT_GT(fault.met(), 0) << call;
        core::remove_tree(layout.generation(number--));
    }
}

}  // namespace
}  // namespace core_test
