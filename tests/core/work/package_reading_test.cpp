// SPDX-License-Identifier: GPL-3.0-or-later
// What a cell may answer about a package, and what becomes of the others.
#include "core/work/package_reading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/model/packed_texts.hpp"
#include "tests/core/world.hpp"

namespace core_test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// Reads a package that begins with "lie" as somebody would whom a bug obeys.
class LyingReader : public PlainReader {
  public:
    core::Inspection read(core::File file, const core::Digest& digest,
                          const core::InspectionRule& rule) const override {
        core::Inspection inspection = PlainReader::read(std::move(file), digest, rule);
        const std::string& lie = inspection.package.name;
        if (lie == "lie-of-another") inspection.package.digest = core::sha256("another");
        if (lie == "lie-of-size") inspection.package.size += 1;
        if (lie == "lie-without-end") inspection.fragments.emplace_back(65 << 20, 'x');
        inspection.package.signed_by = inspection.package.signed_with = "SOMEBODY";
        inspection.package.platform = "elsewhere";
        if (lie == "lie-of-kind") throw core::Refused("no\ncode\x1b", "a lie");
        if (lie == "lie-at-length") throw core::Refused("bad", std::string(1 << 20, 'x'));
        return inspection;
    }
};

/// Answers what it likes.
core::CellTask task_of(const LyingReader& reader) {
    const core::CellTask honest = core::reading_task(reader);
    return {{}, [honest](std::string_view question, std::vector<core::File> files) {
                std::string head(14, '\0');
                head.resize(static_cast<std::size_t>(
                    ::pread(files.at(0).descriptor(), head.data(), head.size(), 0)));
                if (head.starts_with("lie-of-nothing")) return std::string();
                if (head.starts_with("lie-of-numbers")) return std::string("3 1 1\nab");
                if (head.starts_with("lie-of-forms")) return core::pack_texts({"{\"package\":7}"});
                if (head.starts_with("lie-of-no-json")) return core::pack_texts({"{"});
                return honest.answer(question, std::move(files));
            }};
}

class PackageReading : public World, public testing::Test {
  protected:
    PackageReading() { cells = &lying_cells_; }

  private:
    const LyingReader reader_;
    const core::Cells lying_cells_{{{"plain", task_of(reader_)}}};
};

TEST_F(PackageReading, ALieIsRefusedAndChangesNothingOfTheOthers) {
    const std::vector<std::string> lies{"lie-of-another", "lie-of-size",   "lie-without-end",
                                        "lie-of-kind",    "lie-at-length", "lie-of-nothing",
                                        "lie-of-numbers", "lie-of-forms",  "lie-of-no-json"};
    std::vector<std::string> packages{"argus 1 x86_64", "boreas 2 x86_64"};
    for (const std::string& lie : lies) packages.push_back(lie + " 1 x86_64");
    try {
        admit("liar", "1", packages);
        FAIL();
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.report().size(), lies.size());
        for (const core::Problem& problem : refused.report()) {
            EXPECT_EQ(problem.code, "package-corrupt") << problem.message;
            EXPECT_THAT(problem.message, testing::Not(testing::HasSubstr("\x1b")));
        }
    }
    admitted("honest", "1", {"argus 1 x86_64", "boreas 2 x86_64"});
    EXPECT_THAT(seen("unverified"), UnorderedElementsAre("argus-1.x86_64", "boreas-2.x86_64"));
    EXPECT_EQ(findings(), "");
}

TEST_F(PackageReading, WhatOthersDecideIsNotTakenFromAnAnswer) {
    const std::string text = "argus 1 x86_64";
    core::write_file(directory / "package", text);
    const core::Digest digest = core::sha256(text);
    const auto answer =
        cells->ask(core::reading_question("plain", directory / "package", digest, {}),
                   core::reading_limits({}));
    const core::Package package = core::inspection_in(answer, digest, text.size()).package;
    EXPECT_EQ(package.name, "argus");
    EXPECT_EQ(package.signed_by, "");
    EXPECT_EQ(package.signed_with, "");
    EXPECT_EQ(package.platform, "");
}

}  // namespace
}  // namespace core_test
