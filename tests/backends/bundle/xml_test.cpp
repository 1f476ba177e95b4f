// SPDX-License-Identifier: GPL-3.0-or-later
// XML texts become trees of values, and what is broken in them is told completely.
#include "backends/bundle/xml.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "core/model/reason.hpp"

namespace {

using bundle::parse_xml;
using bundle::XmlDocument;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// "line:column code" of each error.
std::vector<std::string> errors(const XmlDocument& document) {
    std::vector<std::string> result;
    for (const core::Problem& problem : document.report) {
        if (problem.severity != core::Severity::error) continue;
        result.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " +
                         problem.code);
    }
    return result;
}

std::vector<std::string> errors(std::string_view text) {
    return errors(parse_xml(text, "x.xml"));
}

TEST(Xml, SoundDocumentBecomesATreeWithNamesTextsAndPlaces) {
    const auto document =
        parse_xml("<?xml version=\"1.0\"?>\n<a x='1 &lt; 2'>\n  <b>t&amp;u</b>\n</a>", "x.xml");
    EXPECT_THAT(document.report, IsEmpty());
    ASSERT_TRUE(document.sound());
    const bundle::Element& a = document.roots.at(0);
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(*a.attribute("x"), "1 < 2");
    EXPECT_EQ(a.attribute("y"), nullptr);
    const bundle::Element* b = a.child("b");
    ASSERT_NE(b, nullptr);
    EXPECT_EQ(b->text, "t&u");
    EXPECT_EQ(b->line, 3);
    EXPECT_EQ(b->column, 3);
    EXPECT_EQ(a.child("c"), nullptr);
}

TEST(Xml, CharactersAreThoseThatXmlMeans) {
    const auto document = parse_xml(
        "<a x='1\r\n2\t3\r4&#10;5&quot;'>&#65;&#xE9;&#8364;&#x1F600;&#x10FFFF;\r\n\r&#13;"
        "<![CDATA[&lt;\r\n]]> &gt;&apos;\n <b> </b>\n </a>",
        "x.xml");
    ASSERT_TRUE(document.sound());
    const bundle::Element& a = document.roots.at(0);
    EXPECT_EQ(*a.attribute("x"), "1 2 3 4\n5\"");
    EXPECT_EQ(a.text, "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\n\n\r&lt;\n >'\n ");
    EXPECT_EQ(a.children.at(0).text, "");  // layout
}

TEST(Xml, NamesAreResolvedToTheirNamespaces) {
    const auto document = parse_xml(
        "<p:a xmlns:p='urn:one' xmlns='urn:two' p:x='' y='' xml:lang='de'><b xmlns=''/><c/></p:a>",
        "x.xml");
    ASSERT_TRUE(document.sound());
    const bundle::Element& a = document.roots.at(0);
    EXPECT_EQ(a.local_name, "a");
    EXPECT_EQ(a.namespace_uri, "urn:one");
    EXPECT_EQ(a.children.at(0).namespace_uri, "");
    EXPECT_EQ(a.children.at(1).namespace_uri, "urn:two");
    EXPECT_EQ(a.attributes.at(2).namespace_uri, "urn:one");
    EXPECT_EQ(a.attributes.at(3).namespace_uri, "");
    EXPECT_EQ(a.attributes.at(4).namespace_uri, "http://www.w3.org/XML/1998/namespace");
}

TEST(Xml, EachUndeclaredPrefixIsReportedOnce) {
    EXPECT_THAT(errors("<a><p:b/><p:c/><q:d/></a>"),
                ElementsAre("1:4 xml-syntax", "1:16 xml-syntax"));
}

TEST(Xml, TextOutsideOfTheRootIsReportedOnceAsAWhole) {
    EXPECT_THAT(errors("<a/> 1 < 2 <"), ElementsAre("1:6 xml-syntax"));
}

TEST(Xml, ReferenceEndsWhereItsNameEnds) {
    EXPECT_THAT(errors("<a>&#3 and &#0;, R&D;</a>"),
                ElementsAre("1:4 xml-syntax", "1:12 control-characters", "1:19 xml-syntax"));
}

TEST(Xml, WhatFollowsAnUnclosedElementStandsBehindIt) {
    const auto document = parse_xml("<r><p>1<q>2<b/>3</b><b/> 4</r>", "x.xml");
    ASSERT_THAT(errors(document), SizeIs(3));
    ASSERT_THAT(document.roots, SizeIs(1));
    const bundle::Element& r = document.roots[0];
    ASSERT_THAT(r.children, SizeIs(4));
    EXPECT_EQ(r.children[0].text, "1");
    EXPECT_EQ(r.children[1].text, "2");
    EXPECT_EQ(r.text, "3 4");
}

TEST(Xml, StartTagWrittenForAClosingTagIsReportedWhereItStands) {
    const auto document = parse_xml("<r>\n<l>a b<l>\n<d>1</d>\n</r>", "x.xml");
    ASSERT_THAT(errors(document), ElementsAre("2:7 xml-syntax"));
    EXPECT_EQ(document.report.at(0).element, "r/l");
    EXPECT_EQ(document.report.at(0).remedy, "write </l>");
    ASSERT_THAT(document.roots, SizeIs(1));
    ASSERT_THAT(document.roots[0].children, SizeIs(2));
    EXPECT_EQ(document.roots[0].children[0].text, "a b");
    EXPECT_EQ(document.roots[0].children[1].name, "d");
    EXPECT_EQ(document.roots[0].children[1].line, 3);
    EXPECT_FALSE(document.sound());
}

TEST(Xml, MisspeltClosingTagIsReportedWithTheOneThatIsMeant) {
    const auto document = parse_xml("<r><Keywords>x</Kewords><n/></r>", "x.xml");
    ASSERT_THAT(errors(document), ElementsAre("1:15 xml-syntax"));
    EXPECT_THAT(document.report[0].message, HasSubstr("</Keywords>"));
    EXPECT_THAT(document.roots.at(0).children, SizeIs(2));
}

TEST(Xml, ClosingTagTooManyIsReportedAloneWhereTheRightOneFollows) {
    const auto document = parse_xml("<r><n>x</b> y</n><m/></r>", "x.xml");
    ASSERT_THAT(errors(document), ElementsAre("1:8 xml-syntax"));
    EXPECT_EQ(document.roots.at(0).children.at(0).text, "x y");
}

TEST(Xml, TagWithoutItsEndIsReported) {
    EXPECT_THAT(errors("<r><t>V</t\n<n/></r>"), ElementsAre("1:8 xml-syntax"));
    EXPECT_THAT(errors("<r><t\n<n/></t></r>"), ElementsAre("1:4 xml-syntax"));
    EXPECT_THAT(errors("<r></r"), ElementsAre("1:4 xml-syntax"));
    EXPECT_THAT(errors("<r/><t"), ElementsAre("1:5 xml-syntax"));
}

TEST(Xml, EveryFaultOfADocumentIsInOneReport) {
    EXPECT_THAT(errors("<r>\n"
                       "<a>1</b>\n"
                       "<c>R & D</c>\n"
                       "<d>&nbsp;</d>\n"
                       "<e x=1 y/>\n"
                       "<f>1 < 2</f>\n"
                       "</g>\n"
                       "<h x='1' x='2'/>\n"
                       "<i>]]></i>\n"
                       "<j>\n"
                       "</r>\n"
                       "rest"),
                ElementsAre("2:5 xml-syntax", "3:6 xml-syntax", "4:4 xml-syntax", "5:4 xml-syntax",
                            "5:8 xml-syntax", "6:6 xml-syntax", "7:1 xml-syntax", "8:1 xml-syntax",
                            "9:4 xml-syntax", "10:1 xml-syntax", "12:1 xml-syntax"));
}

TEST(Xml, UnclosedElementEndsBeforeASiblingOfItsName) {
    const auto document = parse_xml("<r><p><n>1</n><p><n>2</n></p></r>", "x.xml");
    ASSERT_THAT(document.roots, SizeIs(1));
    EXPECT_THAT(document.roots[0].children, SizeIs(2));
}

TEST(Xml, AttributeFaultsAreMendedEnoughToReadTheOthers) {
    const auto document = parse_xml(
        "<r>\n<a x='1'y='2'/>\n<b x='1<2'/>\n<c x='1>\n<d x=\"a>\n<e x='2'/>\n</r>", "x.xml");
    EXPECT_THAT(errors(document),
                ElementsAre("2:9 xml-syntax", "3:8 xml-syntax", "4:1 xml-syntax", "4:4 xml-syntax",
                            "5:1 xml-syntax", "5:4 xml-syntax"));
    ASSERT_THAT(document.roots, SizeIs(1));
    EXPECT_EQ(*document.roots[0].children.at(0).attribute("y"), "2");
    EXPECT_EQ(*document.roots[0].children.at(1).attribute("x"), "1<2");
}

TEST(Xml, SecondRootIsAnErrorUnlessItIsExpected) {
    EXPECT_THAT(errors("<a/><b/>"), ElementsAre("1:5 xml-syntax"));
    EXPECT_THAT(errors(parse_xml("<a/><b/>", "x.xml", {}, bundle::Roots::several)), IsEmpty());
}

TEST(Xml, NothingButBlanksIsNoDocument) {
    EXPECT_THAT(errors(""), ElementsAre("1:1 xml-syntax"));
    EXPECT_THAT(errors("\n<!-- a -->\n"), ElementsAre("1:1 xml-syntax"));
}

TEST(Xml, WhatHidesTheRestOfADocumentEndsTheReport) {
    EXPECT_THAT(errors("<a><!-- b</a>"), ElementsAre("1:4 xml-syntax"));
    EXPECT_THAT(errors("<a><![CDATA[ b</a>"), ElementsAre("1:4 xml-syntax"));
    EXPECT_THAT(errors("<a><?b</a>"), ElementsAre("1:4 xml-syntax"));
    EXPECT_THAT(errors("<!DOCTYPE a [ <b></b>"), ElementsAre("1:1 xml-syntax"));
}

TEST(Xml, CarriageReturnsCountAsLinesOnce) {
    EXPECT_THAT(errors("<a>\r\n\r<b>\n</a>"), ElementsAre("3:1 xml-syntax"));
}

TEST(Xml, MarkBeforeTheTextDoesNotShiftItsColumns) {
    EXPECT_THAT(errors("\xEF\xBB\xBF<a>&</a>"), ElementsAre("1:4 xml-syntax"));
}

TEST(Xml, HarmlessOddityIsAWarning) {
    for (const std::string_view text :
         {"\n<?xml version='1.0'?><a/>", "<?xml version='1.0' encoding='latin1'?><a/>",
          "<a><!-- b -- c --></a>"}) {
        const auto document = parse_xml(text, "x.xml");
        EXPECT_TRUE(document.sound()) << text;
        EXPECT_THAT(document.report, SizeIs(1)) << text;
    }
}

TEST(Xml, DeclarationIsJudged) {
    EXPECT_THAT(errors("<?xml version='1.0' encoding='UTF-8'?><a/>"), IsEmpty());
    EXPECT_THAT(errors("<?xml version=\"1.0\" encoding=\"utf8\" standalone=\"yes\" ?><a/>"),
                IsEmpty());
    for (const std::string_view text :
         {"<?xml?><a/>", "<?xml version=1.0?><a/>", "<?xml version='1.0x'?><a/>",
          "<?xml version='2.0'?><a/>", "<?xml encoding='UTF-8'?><a/>",
          "<?xml version='1.0' colour='red'?><a/>", "<?xml version='1.0'><a/>",
          "<a/><?xml version='1.0'?>", "<?xm, version='1.0'?><a/>", "<? ?><a/>", "<?x:y?><a/>"}) {
        EXPECT_THAT(errors(text), ElementsAre(HasSubstr("xml-syntax"))) << text;
    }
}

TEST(Xml, FindingsAreCountedWhereTheyAreTooMany) {
    std::string text = "<a>";
    for (int i = 0; i < 1000; ++i) text += "</b>";
    const auto document = parse_xml(text + "</a>", "x.xml");
    EXPECT_THAT(document.report, SizeIs(101));
    EXPECT_EQ(document.report.back().message, "900 more errors are not shown");
    EXPECT_EQ(document.report.back().code, core::reason::xml_syntax);
}

TEST(Xml, WrittenTreeIsReadBackEqual) {
    const auto document = parse_xml(
        "<comps a='&quot;&#10;&lt;'>\n <g><id>x &amp; y</id><n "
        "xml:lang='de'>ü</n></g><e/>\n</comps>",
        "x.xml");
    ASSERT_TRUE(document.sound());
    const std::string written = bundle::serialize(document.roots[0]);
    const auto again = parse_xml(written, "y.xml");
    ASSERT_TRUE(again.sound()) << written;
    EXPECT_EQ(bundle::serialize(again.roots[0]), written);
    EXPECT_EQ(*again.roots[0].attribute("a"), "\"\n<");
    EXPECT_EQ(again.roots[0].child("g")->child("id")->text, "x & y");
    EXPECT_EQ(written,
              "<comps a=\"&quot;&#10;&lt;\">\n  <g>\n    <id>x &amp; y</id>\n"
              "    <n xml:lang=\"de\">ü</n>\n  </g>\n  <e/>\n</comps>\n");
}

}  // namespace
