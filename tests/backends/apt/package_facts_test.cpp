// SPDX-License-Identifier: GPL-3.0-or-later
// What is remarkable of a DEB, and how much it may add to the indexes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/apt/inspector.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class AptPackageFacts : public testing::Test {
  protected:
    /// A package with these fields besides, and with files made by a command in its root.
    std::filesystem::path made(const std::string& fields, const std::string& command = "true") {
        workshop_.build("argus", "1.0", "all");
        const std::string control = minimal_control(fields);
        core::write_file(workshop_.path("root/DEBIAN/control"), control);
        workshop_.run("cd root && " + command);
        workshop_.run("dpkg-deb --nocheck --root-owner-group -Zgzip -b root made.deb");
        return workshop_.path("made.deb");
    }
    static core::Inspection inspected(const std::filesystem::path& file,
                                      const core::InspectionRule& rule = {}) {
        return read(file, core::sha256_file(file), rule);
    }
    core::Remarks remarks(const std::string& fields, const std::string& command = "true") {
        return inspected(made(fields, command)).package.remarks;
    }

    Workshop workshop_;
};

TEST_F(AptPackageFacts, OfAnOrdinaryOneAreNone) {
    EXPECT_THAT(remarks("Depends: libc6 (>= 2.36), sudo\nProvides: argus-api (= 1)\n"
                        "Essential: no\nProtected: no\n",
                        "mkdir -p usr/bin var/lib/argus && touch usr/bin/argus && chmod 2755 "
                        "var/lib/argus"),
                IsEmpty());
}

TEST_F(AptPackageFacts, AreFlagsByWhichAptInstallsItUnasked) {
    EXPECT_EQ(remarks("Essential: yes\nImportant: yes\nProtected: yes\n"),
              (core::Remarks{{"essential", {"Essential: yes"}},
                             {"important", {"Important: yes"}},
                             {"protected", {"Protected: yes"}}}));
}

TEST_F(AptPackageFacts, AreClaimsToBePackagesOfTheSystem) {
    EXPECT_EQ(remarks("Provides: libc6 (= 9), argus\nConflicts: other, sudo (<< 2)\n"
                      "Replaces: openssl:any\nBreaks: bash\n"),
              (core::Remarks{
                  {"base-relation",
                   {"Provides: libc6", "Conflicts: sudo", "Breaks: bash", "Replaces: openssl"}}}));
    core::InspectionRule rule;
    rule.remarks.base_packages = {"arg*"};
    EXPECT_EQ(inspected(made(""), rule).package.remarks,
              (core::Remarks{{"base-relation", {"Package: argus"}}}));
}

TEST_F(AptPackageFacts, AreFilesThatRunAsSomebodyElseAndThoseInUnusualPlaces) {
    EXPECT_EQ(remarks("",
                      "mkdir -p usr/bin home/x && touch usr/bin/a usr/bin/b home/x/c && "
                      "chmod 4755 usr/bin/a && chmod 2755 usr/bin/b && ln -s a usr/bin/d"),
              (core::Remarks{{"set-id-file", {"/usr/bin/a", "/usr/bin/b"}},
                             {"unusual-place", {"/home/x/c"}}}));
}

TEST_F(AptPackageFacts, APackageMayAddSoMuchToContents) {
    const auto file =
        made("",
             "mkdir -p usr/share/argus && cd usr/share/argus && "
             "long=$(printf %0200d 0) && seq 5200 | sed \"s/$/$long/\" | xargs touch");
    core::InspectionRule rule;
    EXPECT_NO_THROW(inspected(file, rule));
    rule.limits.filelists_mb = 1;
    try {
        inspected(file, rule);
        ADD_FAILURE() << "was not refused";
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "package-limit");
        EXPECT_THAT(refused.what() + refused.remedy(), HasSubstr("filelists_mb"));
    }
}

}  // namespace
