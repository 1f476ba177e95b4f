// SPDX-License-Identifier: GPL-3.0-or-later
// What a descriptor says, revision by revision, and what is said of it.
#include "backends/bundle/descriptor.hpp"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "core/model/reason.hpp"
#include "core/system/files.hpp"

namespace {

namespace reason = core::reason;
using bundle::parse_descriptor;
using bundle::ParsedDescriptor;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

ParsedDescriptor fixture(const std::string& name) {
    const std::filesystem::path file = std::filesystem::path(FIXTURES) / "descriptors" / name;
    return parse_descriptor(core::read_file(file), "release.xml");
}

std::vector<std::string> codes(const ParsedDescriptor& parsed, core::Severity severity) {
    std::vector<std::string> result;
    for (const core::Problem& problem : parsed.report) {
        if (problem.severity == severity) result.push_back(problem.code);
    }
    return result;
}

std::vector<std::string> errors(const ParsedDescriptor& parsed) {
    return codes(parsed, core::Severity::error);
}

std::vector<std::string> warnings(const ParsedDescriptor& parsed) {
    return codes(parsed, core::Severity::warning);
}

std::string value(const ParsedDescriptor& parsed, std::string_view path) {
    for (const core::DescriptorField& field : parsed.descriptor.fields) {
        if (field.path == path) return field.value;
    }
    return "(no such field)";
}

/// A sound release of revision C with more elements.
std::string release(const std::string& more) {
    return "<Release><Name>a</Name><Version>1</Version><Contact>c@example.org</Contact>"
           "<Description>d</Description><Date>1/2/2011</Date><ReleaseNotes>n</ReleaseNotes>"
           "<SynchProtocol>https</SynchProtocol><SynchURL>https://a.example.org/</SynchURL>" +
           more + "</Release>";
}

/// A sound product of revision F with more elements.
std::string product(const std::string& more) {
    return "<r:release xmlns:r='http://repo.egi.eu/0.2/release'>"
           "<productShortName>P.a.el9.x86_64</productShortName><contact>c@example.org</contact>"
           "<description>d</description><ISODate>20110201</ISODate>"
           "<releaseNotes>n</releaseNotes><synchURL>https://a.example.org/</synchURL>" +
           more + "</r:release>";
}

const std::string one_two_three =
    "<majorVersion>1</majorVersion><minorVersion>2</minorVersion>"
    "<revisionVersion>3</revisionVersion>";

TEST(Descriptor, CleanDocumentOfEachRevisionIsRecognisedWithoutAFinding) {
    for (const std::string letter : {"a", "b", "c", "d", "e", "f"}) {
        const auto parsed = fixture("clean/" + letter + ".xml");
        EXPECT_THAT(parsed.report, IsEmpty()) << letter;
        EXPECT_EQ(parsed.descriptor.revision, std::string(1, static_cast<char>(letter[0] - 32)));
        EXPECT_NE(parsed.descriptor.product, "");
        EXPECT_NE(parsed.descriptor.version, "");
        EXPECT_NE(parsed.descriptor.contact, "");
        EXPECT_NE(parsed.descriptor.date, "");
    }
}

TEST(Descriptor, TextThatIsReorderedOrSteersATerminalIsRefused) {
    for (const char* bad : {"\u202a", "\u202e", "\u2066", "\u2069", "\u2028", "\u2029", "\u0085",
                            "\u009b", "\x7f", "&#x202e;", "&#x9b;", "a&#13;b"}) {
        EXPECT_THAT(errors(parse_descriptor(
                        release("<ChangeLog>" + std::string(bad) + "</ChangeLog>"), "release.xml")),
                    Contains(reason::control_characters))
            << bad;
    }
    for (const char* good :
         {"می\u200cخواهم \u200f(C++)\u200e", "क्\u200dष\n\tb", "a&#13;\nb", "\u00ad"}) {
        EXPECT_THAT(
            errors(parse_descriptor(release("<ChangeLog>" + std::string(good) + "</ChangeLog>"),
                                    "release.xml")),
            IsEmpty())
            << good;
    }
}

TEST(Descriptor, AnEpochThatNoPackageCanHaveIsRefused) {
    const auto of_version = [](const std::string& version) {
        return errors(parse_descriptor(
            "<Release><Name>a</Name><Version>" + version + "</Version></Release>", "release.xml"));
    };
    EXPECT_THAT(of_version("2147483648:1"), Contains(reason::bad_value));
    EXPECT_THAT(of_version("99999999999:1"), Contains(reason::bad_value));
    for (const char* version : {"1:1", "2147483647:1", "EMI: 1"}) {
        EXPECT_THAT(of_version(version), Not(Contains(reason::bad_value))) << version;
    }
}

TEST(Descriptor, RevisionFSaysEverythingOfAProduct) {
    const auto d = fixture("clean/f.xml").descriptor;
    EXPECT_EQ(d.product, "tide_gate");
    EXPECT_EQ(d.version, "2.20.5");
    EXPECT_EQ(d.provider, "Harbour Works");
    EXPECT_EQ(d.date, "2016-02-29");
    EXPECT_TRUE(d.incremental);
    EXPECT_FALSE(d.emergency);
    EXPECT_EQ(d.sync_url, "");
    EXPECT_THAT(d.documentation_links, SizeIs(2));
    EXPECT_THAT(d.platforms, ElementsAre("centos7"));
    EXPECT_THAT(d.architectures, ElementsAre("x86_64"));
    EXPECT_TRUE(d.lists_packages);
    ASSERT_THAT(d.packages, SizeIs(2));
    EXPECT_EQ(d.packages[0], (core::ListedPackage{"tidegate", "2.20.5", "1.el7", "x86_64",
                                                  "centos7", "tidegate-2.20.5-1.el7.x86_64.rpm",
                                                  "https://repo.harbour.example.org/el7/"
                                                  "tidegate-2.20.5-1.el7.x86_64.rpm",
                                                  31}));
}

TEST(Descriptor, FieldsAreKeptInDocumentOrderUnderTheirPaths) {
    const auto parsed = fixture("clean/f.xml");
    EXPECT_EQ(parsed.descriptor.fields.front().path, "release:release/productName");
    EXPECT_EQ(value(parsed, "release:release/UMDmeta:UMDmeta/packages/package[2]/@pkgtype"),
              "metapackage");
    EXPECT_EQ(value(parsed, "release:release/UMDmeta:UMDmeta/capability[2]"), "Tides");
    EXPECT_EQ(value(parsed, "release:release/repository:yumRepository/@path"), "el7/x86_64");
    EXPECT_EQ(value(fixture("clean/b.xml"), "Release/Package[2]/License"), "MIT");
}

TEST(Descriptor, UnknownElementIsKeptAndWarnedAbout) {
    const auto parsed = parse_descriptor(release("<Mascot><Kind>seal</Kind></Mascot>"), "r.xml");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(warnings(parsed), ElementsAre(reason::unknown_element));
    EXPECT_EQ(value(parsed, "Release/Mascot/Kind"), "seal");
}

TEST(Descriptor, MissingNamesAreErrorsWithTheirPlace) {
    const auto parsed = fixture("broken/b_missing.xml");
    std::vector<std::string> told;
    for (const core::Problem& problem : parsed.report) {
        if (problem.severity == core::Severity::error) {
            told.push_back(std::to_string(problem.line) + " " + problem.element);
        }
    }
    EXPECT_THAT(told, ElementsAre("5 Release/Description[2]", "1 Release/Name", "3 Release/Version",
                                  "6 Release/Package[1]/Name", "9 Release/Package[2]/Name",
                                  "9 Release/Package[2]/Version", "10 Release/Package[3]/Name"));
}

TEST(Descriptor, PublishedDirtIsReportedTagByTagTogetherWithWhatTheDocumentLacks) {
    const auto parsed = fixture("broken/b_unclosed.xml");
    std::vector<std::string> told;
    for (const core::Problem& problem : parsed.report) {
        if (problem.severity == core::Severity::error) {
            told.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) +
                           " " + problem.code);
        }
    }
    EXPECT_THAT(told, ElementsAre("6:20 xml-syntax", "7:76 xml-syntax", "11:18 xml-syntax",
                                  "12:24 xml-syntax", "12:40 xml-syntax", "13:51 xml-syntax",
                                  "16:3 xml-syntax", "2:1 missing-element", "18:5 empty-element"));
}

TEST(Descriptor, EveryErrorHasAPlaceAndARemedyOrNeedsNone) {
    for (const char* directory : {"broken", "dirty"}) {
        for (const auto& entry : std::filesystem::directory_iterator(
                 std::filesystem::path(FIXTURES) / "descriptors" / directory)) {
            const auto parsed = parse_descriptor(core::read_file(entry.path()), "release.xml");
            EXPECT_THAT(parsed.report, Not(IsEmpty())) << entry.path();
            for (const core::Problem& problem : parsed.report) {
                EXPECT_GT(problem.line, 0) << core::describe(problem);
                EXPECT_NE(problem.remedy, "") << core::describe(problem);
            }
            EXPECT_EQ(core::has_errors(parsed.report), std::string(directory) == "broken")
                << entry.path();
        }
    }
}

TEST(Descriptor, SeveralRootsArePackagesOfRevisionA) {
    const auto parsed = fixture("dirty/a_several_packages.xml");
    EXPECT_EQ(parsed.descriptor.revision, "A");
    EXPECT_THAT(warnings(parsed), ElementsAre(reason::tolerated_form));
    EXPECT_EQ(parsed.descriptor.product, "tidegate");
    EXPECT_THAT(parsed.descriptor.packages, SizeIs(2));
    EXPECT_THAT(errors(parse_descriptor("<Release/><package/>", "r.xml")),
                Contains(reason::xml_syntax));
    EXPECT_THAT(errors(parse_descriptor("<package/><Release/>", "r.xml")),
                Contains(reason::xml_syntax));
}

TEST(Descriptor, FieldsWithoutARootAreNoDescriptor) {
    const auto parsed = fixture("broken/a_no_root.xml");
    EXPECT_THAT(errors(parsed), ElementsAre(reason::descriptor_unknown_revision));
    EXPECT_THAT(parsed.report.at(0).remedy, HasSubstr("its root is <Release>"));
}

TEST(Descriptor, NamesInAnotherCaseAreReadWithOneWarningEach) {
    const auto parsed = fixture("dirty/b_letter_case.xml");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(warnings(parsed), SizeIs(6));
    EXPECT_THAT(parsed.descriptor.packages, SizeIs(2));
}

TEST(Descriptor, ElementGivenTwiceIsAnErrorInAnySpelling) {
    EXPECT_THAT(errors(parse_descriptor(release("<Version>2</Version>"), "r.xml")),
                ElementsAre(reason::duplicate_element));
    EXPECT_THAT(errors(parse_descriptor(release("<version>1</version>"), "r.xml")),
                ElementsAre(reason::duplicate_element));
    const std::string package =
        "<packages><package pkgname='a' version='1' Version='1'/></packages>";
    EXPECT_THAT(errors(parse_descriptor(product(one_two_three + package), "r.xml")),
                ElementsAre(reason::duplicate_element));
}

TEST(Descriptor, SeveralAddressesInOneElementAreAllTaken) {
    const auto parsed = fixture("dirty/b_several_urls.xml");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(parsed.descriptor.documentation_links, SizeIs(3));
}

TEST(Descriptor, NamespacesCountNotPrefixes) {
    const auto parsed = parse_descriptor(
        "<x:release xmlns:x='http://repo.egi.eu/0.2/release' "
        "xmlns:y='http://repo.egi.eu/0.2/UMDmeta'><x:productShortName>P.a.el9.x86_64"
        "</x:productShortName><x:majorVersion>1</x:majorVersion><x:minorVersion>0"
        "</x:minorVersion><x:revisionVersion>0</x:revisionVersion><y:UMDmeta><y:targetPlatform>"
        "el8</y:targetPlatform></y:UMDmeta></x:release>",
        "r.xml");
    EXPECT_EQ(parsed.descriptor.revision, "F");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(parsed.descriptor.platforms, ElementsAre("el8"));
}

TEST(Descriptor, UnknownNamespaceIsNamedWithTheOneThatIsMeant) {
    const auto parsed = fixture("broken/f_unknown_namespace.xml");
    EXPECT_EQ(parsed.descriptor.revision, "F");
    ASSERT_THAT(errors(parsed), SizeIs(2));
    EXPECT_EQ(parsed.report[0].code, reason::descriptor_unknown_revision);
    EXPECT_EQ(parsed.report[0].remedy, "write http://repo.egi.eu/0.2/release");
    EXPECT_EQ(parsed.report[1].remedy, "write http://repo.egi.eu/0.2/UMDmeta");
}

TEST(Descriptor, VersionMayBeAnyText) {
    for (const std::string version : {"EMI-2 Update 9", "12-05", "1", "2.0~rc1"}) {
        const auto c = parse_descriptor(
            "<Release><Name>a</Name><Version>" + version + "</Version></Release>", "r.xml");
        EXPECT_EQ(c.descriptor.version, version);
        EXPECT_THAT(errors(c), IsEmpty());
        const auto f =
            parse_descriptor(product("<majorVersion>" + version + "</majorVersion>"), "r.xml");
        EXPECT_EQ(f.descriptor.version, version);
        EXPECT_THAT(errors(f), IsEmpty());
    }
}

TEST(Descriptor, VersionIsMadeOfItsPartsAndComparedWithTheText) {
    const auto agrees = parse_descriptor(product(one_two_three + "<version>1.2.3</version>"), "r");
    EXPECT_THAT(warnings(agrees), IsEmpty());
    const auto differs =
        parse_descriptor(product(one_two_three + "<version>2.20.5</version>"), "r");
    EXPECT_EQ(differs.descriptor.version, "1.2.3");
    EXPECT_THAT(warnings(differs), ElementsAre(reason::bad_version));
    const auto alone = parse_descriptor(product("<version>2.20.5</version>"), "r");
    EXPECT_EQ(alone.descriptor.version, "2.20.5");
    EXPECT_THAT(errors(alone), IsEmpty());
    const auto cut =
        parse_descriptor(product("<majorVersion>1.2</majorVersion><minorVersion>3</minorVersion>"
                                 "<revisionVersion>4</revisionVersion>"),
                         "r");
    EXPECT_THAT(warnings(cut), ElementsAre(reason::bad_version));
    const auto headless = parse_descriptor(product("<minorVersion>3</minorVersion>"), "r");
    EXPECT_THAT(errors(headless), ElementsAre(reason::missing_element));
}

TEST(Descriptor, UnreadableDateIsAWarning) {
    const auto parsed = fixture("dirty/e_day_and_month.xml");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(warnings(parsed), Contains(reason::bad_date));
    EXPECT_EQ(parsed.descriptor.date, "");
}

TEST(Descriptor, PracticeProvidersMeanDryRun) {
    EXPECT_TRUE(fixture("dirty/c_dry_run.xml").descriptor.dry_run);
    EXPECT_TRUE(fixture("dirty/e_day_and_month.xml").descriptor.dry_run);
    EXPECT_TRUE(fixture("dirty/f_no_meta.xml").descriptor.dry_run);
    EXPECT_FALSE(fixture("clean/f.xml").descriptor.dry_run);
    const std::string brief = "<technologyProviderShortName> emidry </technologyProviderShortName>";
    EXPECT_TRUE(parse_descriptor(product(brief), "r").descriptor.dry_run);
}

TEST(Descriptor, ShortNameGivesWhatTheMetadataDoesNot) {
    const auto parsed = fixture("dirty/f_no_meta.xml");
    EXPECT_EQ(parsed.descriptor.product, "tidegate");
    EXPECT_THAT(parsed.descriptor.platforms, ElementsAre("sl6"));
    EXPECT_THAT(parsed.descriptor.architectures, ElementsAre("x86_64"));
}

TEST(Descriptor, FlagsAreReadInAnyCase) {
    const auto parsed = parse_descriptor(
        product(one_two_three + "<emergency>YES</emergency><incremental>0</incremental>"), "r");
    EXPECT_TRUE(parsed.descriptor.emergency);
    EXPECT_FALSE(parsed.descriptor.incremental);
    EXPECT_THAT(parsed.report, IsEmpty());
}

TEST(Descriptor, PackageListedTwiceIsListedOnceWithAWarning) {
    const auto parsed = fixture("dirty/d_other_doctype.xml");
    EXPECT_THAT(warnings(parsed), Contains(reason::duplicate_package));
    EXPECT_THAT(parsed.descriptor.packages, SizeIs(1));
}

TEST(Descriptor, NoPackageAndNoPlaceToGetOneIsAWarningOnly) {
    const auto parsed = fixture("dirty/c_dry_run.xml");
    EXPECT_THAT(errors(parsed), IsEmpty());
    EXPECT_THAT(warnings(parsed), ElementsAre(reason::packages_not_listed));
    EXPECT_FALSE(parsed.descriptor.lists_packages);
}

TEST(Descriptor, AnyArchitectureIsNone) {
    const auto a = fixture("clean/a.xml").descriptor;
    EXPECT_THAT(a.architectures, ElementsAre("any"));
    EXPECT_EQ(a.packages.at(0).architecture, "");
    EXPECT_EQ(a.packages.at(0).platform, "SL5");
    EXPECT_EQ(fixture("clean/d.xml").descriptor.packages.at(0).platform, "");  // SL5 and SL6
}

TEST(Descriptor, NotesWithMarkupAreKeptAsTheyStand) {
    const auto parsed = fixture("dirty/c_template_text.xml");
    EXPECT_EQ(parsed.descriptor.description, "<p>Everything a <b>harbour</b> runs on.</p>");
    EXPECT_THAT(warnings(parsed), Contains(reason::template_text));
}

TEST(Descriptor, WhatIsNoDescriptorIsCalledByItsName) {
    for (const char* name :
         {"not_a_descriptor.xml", "revision_g.xml", "revision_h.xml", "web_page.xml"}) {
        const auto parsed = fixture(std::string("broken/") + name);
        EXPECT_THAT(errors(parsed), ElementsAre(reason::descriptor_unknown_revision)) << name;
    }
    EXPECT_THAT(fixture("broken/web_page.xml").report[0].message, HasSubstr("web page"));
}

TEST(Descriptor, NameThatIsNoneIsRefused) {
    const auto named = [](const std::string& name) {
        return errors(parse_descriptor(
            "<Release><Name>" + name + "</Name><Version>1</Version></Release>", "r.xml"));
    };
    EXPECT_THAT(named("---"), ElementsAre(reason::bad_value));
    EXPECT_THAT(named("a\xE2\x80\xAEz"),
                ElementsAre(reason::control_characters, reason::bad_value));
    EXPECT_THAT(named("a\xE2\x80\x8Bz"), ElementsAre(reason::bad_value));
    EXPECT_THAT(named(std::string(200, 'a')), ElementsAre(reason::bad_value));
    EXPECT_THAT(named("tide gate"), IsEmpty());
}

TEST(Descriptor, DeepNestingCannotMakeTheFieldsHuge) {
    std::string text = "<Release><Name>a</Name><Version>1</Version>", end;
    for (int i = 0; i < 60; ++i) {
        text += "<" + std::string(120, 'x') + ">";
        end += "</" + std::string(120, 'x') + ">";
    }
    for (int i = 0; i < 50'000; ++i) text += "<y/>";
    const auto parsed = parse_descriptor(text + end + "</Release>", "r.xml");
    EXPECT_THAT(errors(parsed), ElementsAre(reason::xml_limit));
}

}  // namespace
