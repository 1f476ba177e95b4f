// SPDX-License-Identifier: GPL-3.0-or-later
// Patches as values: ed scripts, the index of patches, and the chain that they form.
#include "backends/apt/pdiff.hpp"

#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace {

apt::Content content(const std::string& text) {
    return {core::sha256(text), text.size()};
}

/// A patch for the state that is called `from`.
apt::Patch patch(const std::string& name, const std::string& from, std::uint64_t size = 100) {
    return {name, content(from), content("script " + name), {core::sha256("gzip " + name), size}};
}

std::vector<std::string> names(const apt::DiffIndex& index) {
    std::vector<std::string> all;
    for (const apt::Patch& patch : index.patches) all.push_back(patch.name);
    return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(EdScript, HasTheLastPlaceFirst) {
    EXPECT_EQ(apt::ed_script({{0, 0, "a\nb\n"}, {4, 3, ""}, {9, 1, ""}, {12, 2, "c\n"}}),
              "13,14c\nc\n.\n10d\n5,7d\n0a\na\nb\n.\n");
}

TEST(EdScript, TakesChangesThatTouchAsOne) {
    EXPECT_EQ(apt::ed_script({{3, 2, ""}, {5, 0, "a\n"}, {5, 0, "b\n"}, {5, 4, ""}}),
              "4,9c\na\nb\n.\n");
    EXPECT_EQ(apt::ed_script({{0, 1, ""}, {1, 0, "a\n"}}), "1c\na\n.\n");
}

TEST(EdScript, OfNothingIsEmpty) {
    EXPECT_EQ(apt::ed_script({}), "");
    EXPECT_EQ(apt::ed_script({{3, 0, ""}}), "");
}

TEST(EdScript, NeverEndsWhatComesTooEarly) {
    for (const char* text : {".\n", "a\n.\nb\n", "a\n.\n", "no end"}) {
        EXPECT_THROW(apt::ed_script({{3, 0, text}}), core::Error) << text;
    }
    EXPECT_EQ(apt::ed_script({{3, 0, " .\n..\n"}}), "3a\n .\n..\n.\n");
}

TEST(EdScript, IsNotMadeOfChangesOutOfOrder) {
    EXPECT_THROW(apt::ed_script({{3, 2, ""}, {4, 0, "a\n"}}), core::Error);
}

TEST(DiffIndex, IsReadAsItWasWritten) {
    const apt::DiffIndex index{content("now"), {patch("000012", "once"), patch("000013", "then")}};
    const std::string text = apt::diff_index_text(index);
    EXPECT_EQ(apt::parse_diff_index(text), index);
    const std::string once = core::sha256("once").hex();
    EXPECT_NE(text.find("SHA256-History:\n " + once + " 4 000012\n"), std::string::npos) << text;
    EXPECT_NE(text.find(" 100 000013.gz\n"), std::string::npos) << text;
    const apt::DiffIndex none{content("now"), {}};
    EXPECT_EQ(apt::parse_diff_index(apt::diff_index_text(none)), none);
}

TEST(DiffIndex, ThatWeWouldNotWriteIsAnError) {
    const std::string sound =
        apt::diff_index_text({content("now"), {patch("12", "once"), patch("13", "then")}});
    for (std::size_t i = 0; i < sound.size(); ++i) {
        EXPECT_THROW(apt::parse_diff_index(sound.substr(0, i)), core::Error) << i;
    }
    const std::vector<std::pair<std::string, std::string>> faults{
        {" 4 12\n", " 4 ../12\n"},
        {" 4 12\n", " 4 012\n"},
        {" 4 12\n", " 04 12\n"},
        {" 4 12\n", " -4 12\n"},
        {" 4 12\n", " 4  12\n"},
        {" 4 12\n", " 4 12 12\n"},
        {" 4 12\n", " 99999999999999999999 12\n"},
        {" 100 12.gz\n", " 100 12.xz\n"},
        {"SHA256-Patches:\n", "SHA256-Patches: \n"},
        {"SHA256-Patches:\n", "SHA256-Patches:\n\n"},
        {"SHA256-Current: ", "SHA1-Current: "}};
    for (const auto& [from, to] : faults) {
        std::string text = sound;
        text.replace(text.find(from), from.size(), to);
        EXPECT_THROW(apt::parse_diff_index(text), core::Error) << to;
    }
    EXPECT_THROW(apt::parse_diff_index(sound + " "), core::Error);
    EXPECT_THROW(apt::parse_diff_index(sound + "X: y\n"), core::Error);
}

TEST(Chain, GrowsByThePatchThatLeadsOn) {
    const auto index =
        apt::continued({content("b"), {patch("1", "a")}}, patch("2", "b"), content("c"));
    EXPECT_EQ(names(index), (Names{"1", "2"}));
    EXPECT_EQ(index.current, content("c"));
}

TEST(Chain, HasEachStateOnceAfterARollback) {
    const apt::DiffIndex index{content("d"), {patch("1", "a"), patch("2", "b"), patch("3", "c")}};
    EXPECT_EQ(names(apt::continued(index, patch("4", "d"), content("b"))), (Names{"3", "4"}));
    EXPECT_EQ(names(apt::continued(index, patch("4", "d"), content("c"))), (Names{"4"}));
    EXPECT_EQ(names(apt::continued(index, patch("4", "d"), content("a"))), (Names{"2", "3", "4"}));
}

TEST(Chain, LosesItsOldestPatchesWhereItGrowsTooLong) {
    apt::DiffIndex index{content("now"), {}};
    for (int i = 0; i < 30; ++i) {
        index.patches.push_back(patch(std::to_string(i), "state " + std::to_string(i)));
    }
    apt::DiffIndex many = index, small = index, none = index;
    apt::shorten(many, 1 << 20);
    EXPECT_EQ(many.patches.size(), 24u);
    EXPECT_EQ(names(many).back(), "29");
    apt::shorten(small, 350);
    EXPECT_EQ(names(small), (Names{"27", "28", "29"}));
    apt::shorten(none, 99);
    EXPECT_TRUE(none.patches.empty());
}
