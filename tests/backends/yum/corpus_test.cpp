// SPDX-License-Identifier: GPL-3.0-or-later
// Packages of distributions, which no check of ours may refuse: SLUICE_CORPUS names a directory of
// them (make_shapes makes what rpmbuild can make). What rpm itself refuses may be refused.
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>

#include "backends/yum/checksig.hpp"
#include "backends/yum/package_rules.hpp"
#include "backends/yum/payload.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

namespace fs = std::filesystem;
using workshop::quoted;

/// But for signatures whose keys are not known here.
bool rpm_itself_takes(const fs::path& package) {
    const workshop::Outcome outcome =
        workshop::run("rpmkeys --dbpath /nowhere --checksig -v " + quoted(package.string()));
    return outcome.status == 0 || (outcome.output.find("NOKEY") != std::string::npos &&
                                   outcome.output.find("BAD") == std::string::npos);
}

/// All but the checks that ask for digests which old packages have not.
void inspect_all(const fs::path& package) {
    const core::File file = core::File::open_to_read(package);
    const auto content = archive::Source::opened(core::File::open_to_read(package));
    const yum::RpmFile rpm = yum::read_rpm_file(content, {});
    const yum::HeaderView header(rpm.header_blob(), "main header");
    yum::check_shape(header, {});
    yum::check_as_rpm_does(file);
    yum::check_payload(content.part(rpm.header_end, rpm.size), header, {});
}

TEST(Corpus, NoPackageOfADistributionIsRefused) {
    const char* corpus = std::getenv("SLUICE_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "SLUICE_CORPUS names no directory of RPMs";
    int taken = 0;
    for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
        if (entry.path().extension() != ".rpm") continue;
        try {
            inspect_all(entry.path());
            ++taken;
        } catch (const core::Refused& refused) {
            const bool known = refused.code() == core::reason::package_unsupported;
            const std::string line = entry.path().string() + ": " + refused.what();
            std::cerr << refused.code() << ' ' << line << '\n';
            EXPECT_TRUE(known || !rpm_itself_takes(entry.path())) << line;
        }
    }
    std::cerr << taken << " packages taken\n";
}

}  // namespace
