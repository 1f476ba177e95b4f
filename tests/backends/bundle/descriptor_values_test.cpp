// SPDX-License-Identifier: GPL-3.0-or-later
// Dates, flags and names as providers write them.
#include "backends/bundle/descriptor_values.hpp"

#include <gtest/gtest.h>

#include "backends/bundle/descriptor_schema.hpp"
#include "backends/bundle/xml_findings.hpp"

namespace bundle {
namespace {

TEST(DescriptorValues, DateIsReadInTheFormOfItsRevision) {
    EXPECT_EQ(read_date("21/6/2010", DateForm::day_month_year).iso, "2010-06-21");
    EXPECT_TRUE(read_date("21/6/2010", DateForm::day_month_year).expected_form);
    EXPECT_EQ(read_date(" 20160229 ", DateForm::compact).iso, "2016-02-29");
    EXPECT_TRUE(read_date("20160229", DateForm::compact).expected_form);
}

TEST(DescriptorValues, UnambiguousDateInAnotherFormIsReadToo) {
    for (const char* text : {"2010-06-21", "20100621"}) {
        const DateReading date = read_date(text, DateForm::day_month_year);
        EXPECT_EQ(date.iso, "2010-06-21") << text;
        EXPECT_FALSE(date.expected_form) << text;
        EXPECT_EQ(date.remedy, "write 21/6/2010") << text;
    }
}

TEST(DescriptorValues, DayAndMonthMistakenForEachOtherAreNotGuessedButProposed) {
    EXPECT_EQ(read_date("20192305", DateForm::compact).iso, "");
    EXPECT_EQ(read_date("20192305", DateForm::compact).remedy, "write 20190523");
    EXPECT_EQ(read_date("6/21/2010", DateForm::day_month_year).iso, "");
    EXPECT_EQ(read_date("6/21/2010", DateForm::day_month_year).remedy, "write 21/6/2010");
}

TEST(DescriptorValues, NoDateIsMadeOfWhatIsNone) {
    for (const char* text : {"",
                             "soon",
                             "2010",
                             "20100230",
                             "31/4/2010",
                             "0/0/0000",
                             "1/1/1",
                             "99999999",
                             "1/2/3/2010",
                             "-1/2/2010",
                             "00000000000000000000",
                             "T",
                             "/",
                             "20101131",
                             "4294967297/1/2010",
                             "21.6.2010",
                             "2010/6/21",
                             "2010-06-21T10:00:00Z",
                             "21/06-2010",
                             "--",
                             "21/6/2010/"}) {
        EXPECT_EQ(read_date(text, DateForm::compact).iso, "") << text;
        EXPECT_NE(read_date(text, DateForm::compact).remedy, "") << text;
    }
}

TEST(DescriptorValues, FlagIsReadInAnyCase) {
    for (const char* text : {"true", "TRUE", " Yes ", "1"}) {
        EXPECT_EQ(read_flag(text), true) << text;
    }
    for (const char* text : {"false", "False", "no", "0"}) {
        EXPECT_EQ(read_flag(text), false) << text;
    }
    EXPECT_EQ(read_flag("perhaps"), std::nullopt);
    EXPECT_EQ(read_flag(""), std::nullopt);
}

TEST(DescriptorValues, TextOfTheFormIsRecognised) {
    for (const char* text :
         {"Put the Change logs here", "put your description here", " Your e-mail here "}) {
        EXPECT_TRUE(is_template_text(text)) << text;
    }
    for (const char* text : {"", "Puts an end to the crash", "The tide turns here", "a@b.example",
                             "Put gates where they belong", "[1] https://a.example"}) {
        EXPECT_FALSE(is_template_text(text)) << text;
    }
}

TEST(DescriptorValues, MarkupInTextIsRecognised) {
    for (const char* text : {"<p>a</p>", "a<br/>b", "x </li>", "<a href=\"u\">u</a>", "a &lt; b",
                             "&amp;", "<b ><i>x</i>"}) {
        EXPECT_TRUE(holds_markup(text)) << text;
    }
    for (const char* text : {"", "a < b", "a <b and c", "<mara@example.org>", "1 <", "<",
                             "a <b and c> d", "R & D", "->"}) {
        EXPECT_FALSE(holds_markup(text)) << text;
    }
}

TEST(DescriptorValues, HiddenMailAddressIsRecognised) {
    EXPECT_TRUE(hides_mail_address("grid.support.at.example.org"));
    EXPECT_TRUE(hides_mail_address("Mara <mara.at.example.org>"));
    EXPECT_FALSE(hides_mail_address("mara@mail.at.example.org"));
    EXPECT_FALSE(hides_mail_address("https://www.at.example.org/"));
    EXPECT_FALSE(hides_mail_address("mail the people at example.org"));
    EXPECT_FALSE(hides_mail_address(".at."));
}

TEST(DescriptorValues, ShortNameIsTakenApartAtItsEnds) {
    const auto name = read_short_name("INFN.fts3.13.4.centos7.x86_64");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->provider, "INFN");
    EXPECT_EQ(name->product, "fts3.13.4");
    EXPECT_EQ(name->platform, "centos7");
    EXPECT_EQ(name->architecture, "x86_64");
    for (const char* text : {"", ".", "a", "a.b", "a.b.c", "a..b.c", ".a.b.c", "a.b.c.", "...",
                             "A.b c.d.e", "A.b/c.d.e"}) {
        EXPECT_FALSE(read_short_name(text)) << text;
    }
}

TEST(DescriptorValues, NamesAreTheSameWithoutCaseAndDashes) {
    EXPECT_TRUE(same_name("technologyProvider", "technology_provider"));
    EXPECT_TRUE(same_name("RelativePath", "Relativepath"));
    EXPECT_FALSE(same_name("Name", "Names"));
    EXPECT_FALSE(same_name("Names", "Name"));
    EXPECT_TRUE(same_name("Name", "_NAME-"));
    EXPECT_EQ(folded("Technology_Provider"), "technologyprovider");
}

TEST(DescriptorValues, SlipOfThePenIsSimilar) {
    EXPECT_TRUE(similar("Keywords", "Kewords"));
    EXPECT_TRUE(similar("Version", "Verison"));
    EXPECT_TRUE(similar("Name", "nam"));
    EXPECT_FALSE(similar("Name", "Date"));
    EXPECT_FALSE(similar("a", ""));
    EXPECT_FALSE(similar(std::string(100, 'a'), std::string(100, 'a')));
}

}  // namespace
}  // namespace bundle
