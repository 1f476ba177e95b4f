// SPDX-License-Identifier: GPL-3.0-or-later
// XML from an attacker is refused for the right reason, soon, and whatever its bytes are.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "backends/bundle/descriptor.hpp"
#include "backends/bundle/xml.hpp"
#include "core/model/reason.hpp"

namespace {

namespace reason = core::reason;
using bundle::parse_xml;

constexpr std::size_t megabyte = 1u << 20;

std::string first_error(const core::Report& report) {
    for (const core::Problem& problem : report) {
        if (problem.severity == core::Severity::error) return problem.code;
    }
    return "none";
}

std::string first_error(std::string_view text) {
    return first_error(parse_xml(text, "x.xml").report);
}

bool is_refused_for(std::string_view code, std::string_view text) {
    const core::Report report = parse_xml(text, "x.xml").report;
    return std::any_of(report.begin(), report.end(), [&](const core::Problem& problem) {
        return problem.severity == core::Severity::error && problem.code == code;
    });
}

std::string repeated(std::string_view unit, std::size_t count) {
    std::string result;
    result.reserve(unit.size() * count);
    for (std::size_t i = 0; i < count; ++i) result += unit;
    return result;
}

double seconds(const std::function<void()>& action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(HostileXml, DoctypeThatDeclaresOrFetchesIsRefused) {
    for (const std::string_view doctype : {
             "<!DOCTYPE a [<!ENTITY b 'c'>]>",
             "<!DOCTYPE a [ <!ELEMENT a (b)> <!ENTITY b SYSTEM 'file:///etc/hostname'> ]>",
             "<!DOCTYPE a [ <!ENTITY % b 'c'> ]>",
             "<!DOCTYPE a [ %b; ]>",
             "<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'>",
             "<!DOCTYPE a RUBLIC 'http://127.0.0.1/a.dtd'>",
             "<!DOCTYPE a PUBLIC '-//A//B//EN' 'a.dtd' [ ]>",
             "<!DOCTYPE a SYSTEM\n'a.dtd' [ <!ELEMENT a ANY> ]>",
             "<!DOCTYPE a [ <!-- > ]> --> <!ENTITY b 'c'> ]>",
             "<!DOCTYPE a [ <? ]> ?> <!ENTITY b 'c'> ]>",
             "<!DOCTYPE a [ <!ATTLIST a b CDATA ']>'> <!ENTITY b 'c'> ]>",
             "<!DOCTYPE a [ <!ELEMENT a ' <!ENTITY b 'c'> ]>",
             "<!DOCTYPE a [ <![INCLUDE[ <!ENTITY b 'c'> ]]> ]>",
             "<!DOCTYPE a [<!ENTITY b 'c'",
         }) {
        EXPECT_EQ(first_error(std::string(doctype) + "<a>&b;</a>"), reason::xml_doctype) << doctype;
    }
}

TEST(HostileXml, DoctypeThatOnlyDescribesIsIgnored) {
    for (const std::string_view doctype : {
             "<!DOCTYPE a>",
             "<!DOCTYPE a []>",
             "<!DOCTYPE a [ <!ELEMENT a (b, c*)> <!ATTLIST a b CDATA \"x>]\"> ]>",
             "<!DOCTYPE a [ <!-- <!ENTITY b 'c'> --> ]>",
             "<!DOCTYPE a [ <!ELEMENT a (#PCDATA)> the provider's own words > ]>",
         }) {
        EXPECT_EQ(first_error(std::string(doctype) + "<a/>"), "none") << doctype;
    }
    EXPECT_EQ(first_error("<a/><!DOCTYPE a>"), reason::xml_syntax);
    EXPECT_EQ(first_error("<!DOCTYPE a><!DOCTYPE a><a/>"), reason::xml_syntax);
}

TEST(HostileXml, EntityIsNeverExpandedNorItsFileRead) {
    const auto document =
        parse_xml("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>", "x.xml");
    ASSERT_EQ(document.roots.size(), 1u);
    EXPECT_EQ(document.roots[0].text, "&b;");
}

TEST(HostileXml, OtherEncodingsAreRefused) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {"\xFF\xFE<\0a\0/\0>\0"sv, "\xFE\xFF\0<\0a\0/\0>"sv, "<\0a\0/\0>\0"sv, "\0<\0a\0/\0>"sv,
          "\0\0\xFE\xFF\0\0\0<"sv, "\x4C\x6F\xA7\x94"sv, "+/v8-<a/>"sv,
          "<?xml version='1.0' encoding='UTF-7'?><a/>"sv,
          "<?xml version='1.0' encoding='UTF-16'?><a/>"sv,
          "<?xml version='1.0' encoding='Shift_JIS'?><a/>"sv,
          "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA9</a>"sv, "<a>\xE9</a>"sv,
          "<a>\xC0\xAF</a>"sv, "<a>\xED\xA0\x80</a>"sv, "<a>\xF8\x88\x80\x80\x80</a>"sv,
          "<\xE9/>"sv, "<a b='\xFF'/>"sv, "<a>\xC3"sv}) {
        EXPECT_TRUE(is_refused_for(reason::xml_encoding, text)) << testing::PrintToString(text);
    }
}

TEST(HostileXml, ControlCharactersAreRefusedInAnySpelling) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {"<a>\0</a>"sv, "<a>\x01</a>"sv, "<a b='\x1B'/>"sv, "<a>&#0;</a>"sv, "<a>&#x1;</a>"sv,
          "<a b='&#8;'/>"sv, "<a>&#xD800;</a>"sv, "<a>&#xFFFE;</a>"sv, "<a>&#x110000;</a>"sv,
          "<a>&#99999999999999999999;</a>"sv, "<a>&#;</a>"sv, "<a>&#x;</a>"sv,
          "<a>\xEF\xBF\xBF</a>"sv, "<!-- \x02 --><a/>"sv}) {
        EXPECT_EQ(first_error(text), reason::control_characters) << testing::PrintToString(text);
    }
    EXPECT_EQ(first_error("<a>&#9;&#10;&#xE9;&#x1F600;</a>"), "none");
}

TEST(HostileXml, AttributeGivenTwiceIsRefused) {
    EXPECT_EQ(first_error("<a b='1' c='2' b='3'/>"), reason::xml_syntax);
    EXPECT_EQ(first_error("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>"), reason::xml_syntax);
    EXPECT_EQ(first_error("<a xmlns:p='u' p:b='1' b='2'/>"), "none");
}

TEST(HostileXml, EachLimitIsMetExactly) {
    EXPECT_EQ(first_error("<a>" + std::string(65536, 'x') + "</a>"), "none");
    EXPECT_EQ(first_error("<a>" + std::string(65537, 'x') + "</a>"), reason::xml_limit);
    EXPECT_EQ(
        first_error("<a>" + std::string(40000, 'x') + "<!---->" + std::string(40000, 'x') + "</a>"),
        reason::xml_limit);
    EXPECT_EQ(first_error("<a><![CDATA[" + std::string(65537, 'x') + "]]></a>"), reason::xml_limit);
    EXPECT_EQ(first_error("<a b='" + std::string(65536, 'x') + "'/>"), "none");
    EXPECT_EQ(first_error("<a b='" + std::string(65537, 'x') + "'/>"), reason::xml_limit);
    EXPECT_EQ(first_error(repeated("<a>", 64) + repeated("</a>", 64)), "none");
    EXPECT_EQ(first_error(repeated("<a>", 65) + repeated("</a>", 65)), reason::xml_limit);
    EXPECT_EQ(first_error("<" + std::string(128, 'a') + "/>"), "none");
    EXPECT_EQ(first_error("<" + std::string(129, 'a') + "/>"), reason::xml_limit);
    EXPECT_EQ(first_error("<a " + std::string(129, 'b') + "=''/>"), reason::xml_limit);
    EXPECT_EQ(first_error("<a xmlns:b='" + std::string(257, 'u') + "'/>"), reason::xml_limit);
    std::string attributes = "<a";
    for (int i = 0; i < 256; ++i) attributes += " b" + std::to_string(i) + "=''";
    EXPECT_EQ(first_error(attributes + "/>"), "none");
    EXPECT_EQ(first_error(attributes + " c=''/>"), reason::xml_limit);
    EXPECT_EQ(first_error("<a>" + repeated("<b/>", 99'999) + "</a>"), "none");
    EXPECT_EQ(first_error("<a>" + repeated("<b/>", 100'000) + "</a>"), reason::xml_limit);
    EXPECT_EQ(first_error("<a>" + std::string(megabyte, ' ') + "</a>"), reason::xml_limit);
}

TEST(HostileXml, SizeIsRefusedBeforeAnythingIsRead) {
    std::string attributes = "<Release";
    for (int i = 0; i < 300'000; ++i) attributes += " a" + std::to_string(i) + "='x'";
    const std::string deep = repeated("<a>", 2'000'000);
    const std::string wide = "<a b='" + std::string(50'000'000, 'x') + "'/>";
    for (const std::string_view text :
         {std::string_view(attributes), std::string_view(deep), std::string_view(wide)}) {
        std::string code;
        EXPECT_LT(seconds([&] { code = first_error(text); }), 0.1);
        EXPECT_EQ(code, reason::xml_limit);
    }
}

TEST(HostileXml, EntityBombsAreRefusedAtOnce) {
    std::string laughs = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
    for (int i = 1; i < 30; ++i) {
        laughs += "<!ENTITY e" + std::to_string(i) + " '" +
                  repeated("&e" + std::to_string(i - 1) + ";", 10) + "'>";
    }
    laughs += "]><a>&e29;</a>";
    const std::string quadratic = "<!DOCTYPE a [<!ENTITY e '" + std::string(60'000, 'x') +
                                  "'>]><a>" + repeated("&e;", 20'000) + "</a>";
    for (const std::string_view text : {std::string_view(laughs), std::string_view(quadratic)}) {
        std::string code;
        EXPECT_LT(seconds([&] { code = first_error(text); }), 0.5);  // 0.05 without sanitizers
        EXPECT_EQ(code, reason::xml_doctype);
    }
}

/// Processor time, which other programs on the machine do not lengthen.
double processor_seconds(const std::function<void()>& action) {
    const std::clock_t begin = std::clock();
    action();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// Four times the text takes about four times as long; a scanner that looks ahead too far takes
/// sixteen times. Below a tenth of a second it does not matter.
void expect_linear(std::string_view head, std::string_view unit, std::string_view tail) {
    const auto taken = [&](std::size_t size) {
        const std::size_t count = (size - head.size() - tail.size()) / unit.size();
        const std::string text = std::string(head) + repeated(unit, count) + std::string(tail);
        return processor_seconds([&] { bundle::parse_descriptor(text, "x.xml"); });
    };
    const double large = taken(megabyte / 2);
    if (large > 0.1) {
        EXPECT_LT(large / taken(megabyte / 8), 9) << unit;
    }
    EXPECT_LT(large, 10) << unit;  // at most 0.3 without sanitizers
}

TEST(HostileXml, NoTextTakesMoreThanLinearTime) {
    for (const std::string_view unit : {"&",
                                        "<",
                                        ">",
                                        "</a>",
                                        "<a>",
                                        "<a>x<a>",
                                        "<a>x</a>",
                                        "<a/>",
                                        "x<a/>",
                                        "<a b=\"><a c='>",
                                        "<a b=\"",
                                        "<a b=>",
                                        "<a b c d/>",
                                        "<a b='x' c='y'/>",
                                        "<!-- -- -->",
                                        "<!--",
                                        "<![CDATA[",
                                        "<![CDATA[]]>",
                                        "<?a ?>",
                                        "<?xml ?>",
                                        "<?",
                                        "<!x>",
                                        "\xFF",
                                        "\x01",
                                        "\r\n",
                                        "&#0;",
                                        "&x;",
                                        "<p:a/>",
                                        "<a xmlns:p='u'/>",
                                        "]]>",
                                        "</",
                                        "</ >",
                                        "<Package/>",
                                        "<Package><Name>a</Name><Version>1</Version></Package>",
                                        "<Name>a</Name>",
                                        "\"'"}) {
        expect_linear("<Release>", unit, "</Release>");
    }
    for (const std::string_view unit : {"<!DOCTYPE[<!ENTITY>", "<!DOCTYPE x \"", "<!DOCTYPE x>"}) {
        expect_linear("", unit, "<Release/>");
    }
    expect_linear("<!DOCTYPE x [<!ATTLIST ", "\"'", "]><Release/>");
}

TEST(HostileXml, ManyPlatformsTakeLinearTime) {
    std::string text = "<Release><Name>a</Name><Version>1</Version>";
    for (int package = 0; package < 8; ++package) {
        text += "<Package><Name>a</Name><Version>1</Version><SupportedPlatforms>";
        for (int i = 0; i < 8'000; ++i) text += std::to_string(package * 8'000 + i) + " ";
        text += "</SupportedPlatforms></Package>";
    }
    const double taken =
        processor_seconds([&] { bundle::parse_descriptor(text + "</Release>", "x.xml"); });
    EXPECT_LT(taken, 3);  // 0.1 without sanitizers; comparing each with all took minutes
}

TEST(HostileXml, DepthDoesNotMultiplyTheCostOfFindings) {
    std::string deep, closing;
    for (int i = 0; i < 60; ++i) {
        const std::string name = std::string(120, 'n') + std::to_string(i);
        deep += "<" + name + ">";
        closing.insert(0, "</" + name + ">");
    }
    for (const std::string_view unit :
         {"&", "<", "</a>", "<a/>", "<a>x</a>", "<a>x<a>", "&x;", "<!-- -- -->", "<p:a/>"}) {
        expect_linear(deep, unit, closing);
    }
}

}  // namespace
