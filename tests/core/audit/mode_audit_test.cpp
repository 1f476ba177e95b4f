// SPDX-License-Identifier: GPL-3.0-or-later
// One finding for each place whose modes are not those of core/README.md; and none that is wrong.
#include "core/audit/mode_audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Modes : public testing::Test, public World {
  protected:
    void SetUp() override {
        admitted("a", "1", {"a 1 x86_64"});
        for (const auto& entry : fs::recursive_directory_iterator(depot->layout.root)) {
            if (!entry.is_symlink()) change(entry, entry.is_directory() ? 0755 : 0644);
        }
        change(depot->layout.root, 0755);
        change(depot->layout.work(), 0700);
    }

    /// Without the path of the depot.
    std::vector<std::string> told() {
        std::vector<std::string> texts;
        for (const core::Finding& finding : core::audit_modes(*depot)) {
            texts.push_back(finding.path + ": " +
                            finding.message.substr(0, finding.message.find(" '")));
        }
        return texts;
    }

    static void change(const fs::path& path, unsigned mode) {
        fs::permissions(path, fs::perms(mode));
    }
};

TEST_F(Modes, AreToldOnceForEachPlace) {
    EXPECT_THAT(told(), IsEmpty());
    const fs::path state = depot->layout.generation(2) / "state.json";
    change(state, 0600);
    EXPECT_THAT(told(),
                ElementsAre("public: public/generations/000002/state.json cannot be read by "
                            "everybody: chmod -R a+rX"));
    change(depot->layout.generations(), 0700);
    EXPECT_THAT(told(), ElementsAre(testing::HasSubstr(", and 1 more cannot be read")));
    change(depot->layout.generations(), 0755);
    change(state, 0646);
    EXPECT_THAT(told(),
                ElementsAre("public: public/generations/000002/state.json can be written by "
                            "everybody: chmod -R go-w"));
}

TEST_F(Modes, OfADirectoryThatOthersMayNotEnterAreMeantUnlessWhatIsPublicIsHiddenToo) {
    change(depot->layout.root, 0700);
    EXPECT_THAT(told(), IsEmpty());
    change(depot->layout.public_tree(), 0700);
    EXPECT_THAT(told(),
                ElementsAre(".: cannot be entered by everybody, nor what is public: chmod a+x",
                            "public: public cannot be read by everybody: chmod -R a+rX"));
}

TEST_F(Modes, OfAGroupThatWritesAreMeant) {
    change(depot->layout.provider_keys(), 0775);
    EXPECT_THAT(told(), IsEmpty());
    change(depot->layout.work(), 0750);
    EXPECT_THAT(told(), ElementsAre("work: can be read or entered by others: chmod go="));
}

}  // namespace
}  // namespace core_test
