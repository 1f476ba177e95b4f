// SPDX-License-Identifier: GPL-3.0-or-later
// A depot that is worked on and collected stays as large as what stands in it needs.
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <regex>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "tests/core/expect.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class Growth : public testing::Test, public World {
  protected:
    Growth() : World(one_tree) {}

    struct Size {
        std::map<std::string, std::size_t> files;  // by directory, numbers of generations left out
        std::uint64_t bytes = 0;
    };

    /// The directories that do not have the same number of files.
    static std::string difference(const Size& now, const Size& then) {
        std::string text;
        for (const auto& [one, other] : {std::pair(&now, &then), std::pair(&then, &now)}) {
            for (const auto& [directory, count] : one->files) {
                const auto found = other->files.find(directory);
                if (found != other->files.end() && found->second == count) continue;
                text += fmt::format("{}: {} files {}\n", directory, count,
                                    one == &now ? "now" : "then");
            }
        }
        return text;
    }

    void count(const fs::path& place, Size& size) const {
        static const std::regex number("/0[0-9]{5}");
        const std::string name =
            std::regex_replace(place.lexically_relative(depot->layout.root).string(), number, "/N");
        std::size_t& files = size.files[name];
        for (const core::Entry& entry : core::entries(place)) {
            if (entry.kind == core::Kind::directory) {
                count(entry.path, size);
            } else if (entry.path != depot->layout.ledger()) {  // it is for ever
                ++files;
                size.bytes += core::size_of(entry.path).value_or(0);
            }
        }
    }

    /// When nothing was done for long.
    Size size_at_rest() {
        for (int i = 0; i < 2; ++i) {  // the second leaves out what the first one superseded
            operations().refresh(asked);
            clock.time += hours(1000);
        }
        gc();
        scratch.reset();
        Size size;
        count(depot->layout.root, size);
        scratch.emplace(depot->layout.work());
        return size;
    }

    void fail_an_admission() {
        const std::string name = "f" + std::to_string(++failed_);
        signer.sound = false;
        EXPECT_THROW(admit(name, "1", {name + " 1 x86_64"}), core::Error);
        signer.sound = true;
    }

  private:
    int failed_ = 0;
};

TEST_F(Growth, EndsWhereItBeganAfterManyOperations) {
    const std::uint64_t many = std::getenv("SLUICE_LONG") == nullptr ? 200 : 2000;
    std::vector<std::string> ids;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        ids.push_back(admitted(name, "1", {std::string(name) + " 1 x86_64"}));
    }
    const Size before = size_at_rest();
    const std::uint64_t first = depot->state().generation;
    const core::Standing standing_before = standing();
    const auto done = [&](auto&&) { clock.time += hours(1); };
    while (depot->state().generation < first + many) {
        for (const char* stage : {"stage-rollout", "production"}) {
            for (const std::string& id : ids) done(promote(id, stage));
        }
        for (const std::string& id : ids) done(operations().deprecate(id, asked));
        fail_an_admission();
        done(operations().refresh(asked));
        done(operations().rollback(first, std::nullopt, asked));
        gc();
    }
    EXPECT_EQ(standing(), standing_before);
    const Size after = size_at_rest();
    EXPECT_EQ(difference(after, before), "");
    EXPECT_LT(after.bytes, before.bytes + before.bytes / 100);
    operations().refresh(asked);  // it was long ago
    EXPECT_EQ(findings(), "");
}

TEST_F(Growth, OfAFailedAdmissionIsNone) {
    admitted("a", "1", {"a 1 x86_64"});
    const Size before = size_at_rest();
    fail_an_admission();
    EXPECT_EQ(difference(size_at_rest(), before), "");
}

}  // namespace
}  // namespace core_test
