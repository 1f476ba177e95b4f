// SPDX-License-Identifier: GPL-3.0-or-later
// Every bundle of fixtures/hostile: the answer, the processor time it took, and that nothing else
// happened.
#include <algorithm>
#include <cctype>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "backends/bundle/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "tests/backends/bundle/sandbox.hpp"

namespace {

namespace fs = std::filesystem;

struct Case {
    std::string name;
    std::string code;
    bool stops = false;
    int packages = -1;
};

void PrintTo(const Case& one, std::ostream* stream) {
    *stream << one.name;
}

std::vector<Case> cases() {
    std::ifstream table(fs::path(HOSTILE) / "cases");
    std::vector<Case> all;
    for (Case one; std::getline(table, one.name, '\t') && std::getline(table, one.code, '\t') &&
                   table >> one.stops >> one.packages;) {
        table.ignore(1);
        all.push_back(one);
    }
    return all;
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
    std::string name = info.param.name;
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

struct Answer {
    core::Bundle bundle;
    core::Report report;
    bool stopped = false;
    double seconds = 0;  // of processor time
};

Answer read(const fs::path& path, const fs::path& scratch) {
    const std::clock_t begin = std::clock();
    Answer answer;
    try {
        answer.bundle = bundle::read(cells(), path, scratch);
        answer.report = answer.bundle.report;
    } catch (const core::Refused& refused) {
        answer.report = refused.report();
        answer.stopped = true;
    }
    answer.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    return answer;
}

std::vector<std::string> error_codes(const core::Report& report) {
    std::vector<std::string> codes;
    for (const core::Problem& problem : report) {
        if (problem.severity == core::Severity::error) codes.push_back(problem.code);
    }
    return codes;
}

std::string shown(const core::Report& report) {
    std::string text;
    for (const core::Problem& problem : report) text += "\n  " + core::describe(problem);
    return text;
}

class Hostile : public testing::TestWithParam<Case> {
  protected:
    Sandbox sandbox_;
};

TEST_P(Hostile, IsAnsweredAndLeavesNothing) {
    const Case& expected = GetParam();
    const Answer answer = read(fs::path(HOSTILE) / expected.name, sandbox_.scratch());
    SCOPED_TRACE(expected.name + shown(answer.report));

    EXPECT_LT(answer.seconds, 5.0);
    EXPECT_EQ(answer.stopped, expected.stops);
    const auto codes = error_codes(answer.report);
    if (expected.code == "-") {
        EXPECT_TRUE(codes.empty());
    } else {
        EXPECT_NE(std::find(codes.begin(), codes.end(), expected.code), codes.end());
        // What makes a bundle unreadable is told last, behind what was found before.
        if (answer.stopped && !codes.empty()) {
            EXPECT_EQ(codes.back(), expected.code);
        }
    }
    if (expected.packages >= 0) {
        EXPECT_EQ(answer.bundle.packages.size(), static_cast<std::size_t>(expected.packages));
    }
    EXPECT_EQ(sandbox_.scratch_files(),
              answer.bundle.packages.size() + answer.bundle.documents.size());
    EXPECT_TRUE(sandbox_.untouched());
    EXPECT_FALSE(fs::exists("/tmp/sluice-hostile.rpm"));
    for (const core::ReceivedFile& file : answer.bundle.packages) {
        EXPECT_EQ(core::sha256_file(file.file), file.digest) << core::escaped(file.name);
        EXPECT_EQ(fs::file_size(file.file), file.size) << core::escaped(file.name);
    }
    for (const core::Problem& problem : answer.report) {
        EXPECT_FALSE(core::has_control_characters(core::describe(problem)));
        EXPECT_FALSE(problem.message.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Corpus, Hostile, testing::ValuesIn(cases()), test_name);

TEST(HostileCorpus, IsThere) {
    EXPECT_GT(cases().size(), 400u);
}

}  // namespace
