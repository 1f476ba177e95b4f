// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/attachments.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace bridge {
namespace {

rt::Attachment attachment(std::uint64_t id, rt::TransactionId transaction,
                          const std::string& name) {
    rt::Attachment one;
    one.id = id;
    one.transaction = transaction;
    one.name = name;
    return one;
}

TEST(Attachments, WhatAnAttachmentIsFollowsFromItsName) {
    for (const char* name : {"a.tar", "A.TAR.GZ", "x.tgz", "x.tar.zst", "x.zip", "x.tar.bz2"}) {
        EXPECT_EQ(part_of(attachment(1, 1, name)), Part::archive) << name;
    }
    EXPECT_EQ(part_of(attachment(1, 1, "Release.XML")), Part::descriptor);
    EXPECT_EQ(part_of(attachment(1, 1, "x.rpm")), Part::package);
    EXPECT_EQ(part_of(attachment(1, 1, "x.deb")), Part::package);
    for (const char* name : {"", "xml", "notes.txt", "x.xml.asc", "smime.p7s"}) {
        EXPECT_EQ(part_of(attachment(1, 1, name)), Part::other) << name;
    }
}

TEST(Attachments, WhatCameLastCounts) {
    const HandedIn chosen = choose({attachment(1, 10, "release.xml"), attachment(2, 10, "b.tar.gz"),
                                    attachment(3, 20, "b.tar.gz"), attachment(4, 30, "notes.txt")});
    EXPECT_EQ(chosen.descriptor->id, 1u);
    ASSERT_EQ(chosen.bundle.size(), 1u);
    EXPECT_EQ(chosen.bundle.front().id, 3u);
    EXPECT_FALSE(chosen.descriptor_is_newer);
}

TEST(Attachments, ADescriptorThatCameWithTheBundleBelongsToIt) {
    EXPECT_TRUE(
        choose({attachment(1, 10, "release.xml"), attachment(2, 10, "b.zip")}).descriptor_is_newer);
    EXPECT_TRUE(
        choose({attachment(1, 10, "b.zip"), attachment(2, 11, "release.xml")}).descriptor_is_newer);
}

TEST(Attachments, TheOnlyXmlFileIsTheDescriptorWhateverItsName) {
    EXPECT_EQ(choose({attachment(7, 10, "INFN.argus-1.7.3.xml")}).descriptor->id, 7u);
}

TEST(Attachments, OfSeveralXmlFilesTheOneCalledReleaseIsTaken) {
    const auto chosen = choose({attachment(1, 10, "comps.xml"), attachment(2, 10, "Release.xml")});
    EXPECT_EQ(chosen.descriptor->id, 2u);
}

TEST(Attachments, DoubtIsRefused) {
    EXPECT_THROW(choose({attachment(1, 10, "a.xml"), attachment(2, 10, "b.xml")}), core::Refused);
    EXPECT_THROW(choose({attachment(1, 10, "release.xml"), attachment(2, 10, "release.xml")}),
                 core::Refused);
    EXPECT_THROW(choose({attachment(1, 10, "a.zip"), attachment(2, 10, "b.zip")}), core::Refused);
    EXPECT_THROW(choose({attachment(1, 10, "a.zip"), attachment(2, 10, "b.rpm")}), core::Refused);
}

TEST(Attachments, PackagesMayComeOneByOne) {
    EXPECT_EQ(choose({attachment(1, 10, "a.rpm"), attachment(2, 10, "b.deb")}).bundle.size(), 2u);
}

TEST(Attachments, NothingAttachedIsNothingChosen) {
    const HandedIn chosen = choose({attachment(1, 10, "notes.txt")});
    EXPECT_FALSE(chosen.descriptor);
    EXPECT_TRUE(chosen.bundle.empty());
}

}  // namespace
}  // namespace bridge
