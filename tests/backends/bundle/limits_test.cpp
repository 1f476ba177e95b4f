// SPDX-License-Identifier: GPL-3.0-or-later
// Each bound of a bundle: that it holds, is told with its setting, and that what it bounds costs no
// more than in proportion.
#include <ctime>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "backends/bundle/content.hpp"
#include "backends/bundle/member_names.hpp"
#include "backends/bundle/reader.hpp"
#include "core/model/bundle_limits.hpp"
#include "core/model/error.hpp"
#include "core/model/problem.hpp"
#include "tests/backends/bundle/sandbox.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path lantern = fs::path(GOOD_BUNDLES) / "lantern";

/// All that is told of what was handed in.
std::string told(const fs::path& path, const Sandbox& sandbox, const core::BundleLimits& limits) {
    core::Report report;
    try {
        report = bundle::read(cells(), path, sandbox.scratch(), limits).report;
    } catch (const core::Refused& refused) {
        report = refused.report();
    }
    fs::remove_all(sandbox.scratch());
    fs::create_directory(sandbox.scratch());
    std::string text;
    for (const core::Problem& problem : report) text += core::describe(problem) + "\n";
    return text;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(BundleLimits, EachIsToldWithItsSetting) {
    const Sandbox sandbox;
    sandbox.run("cp -r '" + lantern.string() +
                "' in && echo '<comps/>' > in/comps.xml && "
                "sed -i '0,/<Release>/s//<Release a=\"b\">/' in/release.xml && tar -czf out in");
    for (const std::string path : {"in", "out"}) {
        for (const auto& [name, value] : core::bundle_limit_settings) {
            if (name == "findings" || name.starts_with("unpacked")) continue;
            core::BundleLimits limits;
            limits.*value = 0;
            EXPECT_TRUE(holds(told(sandbox.path(path), sandbox, limits),
                              "bundle.limits." + std::string(name) + " in sluice.toml"))
                << path << " " << name;
        }
        EXPECT_FALSE(holds(told(sandbox.path(path), sandbox, {}), "bundle.limits."));
    }
    core::BundleLimits ratio;
    ratio.unpacked_mb = 0;
    ratio.unpacked_ratio = 1;
    EXPECT_TRUE(holds(told(sandbox.path("out"), sandbox, ratio), "bundle.limits.unpacked_ratio"));
}

TEST(BundleLimits, FileWithHolesIsABomb) {
    const Sandbox sandbox;
    sandbox.run("cp -r '" + lantern.string() + "' in && truncate -s 300M in/x.rpm");
    EXPECT_TRUE(holds(told(sandbox.path("in"), sandbox, {}), "ratio-limit"));
}

double processor_seconds(const auto& action) {
    const std::clock_t begin = std::clock();
    action();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(BundleLimits, NameOfManyDirectoriesCostsWhatItsBytesDo) {
    core::BundleLimits limits;
    limits.depth = limits.members = 1'000'000;
    const auto taken = [&](std::size_t depth) {
        std::string name;
        for (std::size_t i = 0; i < depth; ++i) name += "d/";
        return processor_seconds([&] {
            bundle::NameRegister names(limits);
            for (int i = 0; i < 20; ++i) names.add_file(std::to_string(i) + "/" + name + "x");
        });
    };
    const double large = taken(20'000);
    EXPECT_LT(large, 20);
    EXPECT_LT(large / taken(5'000), 9);  // four times as much
}

TEST(BundleLimits, AllNamesTogetherAreBounded) {
    core::BundleLimits limits;
    limits.members = 1'000'000;
    limits.names_mb = 1;
    bundle::NameRegister names(limits);
    const std::string long_name(1000, 'n');
    try {
        for (int i = 0; i < 2000; ++i) names.add_file(std::to_string(i) + long_name);
        FAIL() << "there was no bound";
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "member-limit");
    }
}

TEST(BundleLimits, MarkupBeforeTheRootIsReadInLinearTime) {
    for (const std::string_view unit : {"<!>", "<!---->", "<?a?>", "<![", "<!-"}) {
        std::string head;
        while (head.size() < 400'000) head += unit;
        EXPECT_LT(processor_seconds([&] { bundle::content_of(head); }), 1) << unit;
    }
}

}  // namespace
