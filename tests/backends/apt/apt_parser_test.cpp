// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/apt_parser.hpp"

#include <gtest/gtest.h>

namespace {

std::string entry(const std::string& fields) {
    return "Package: argus\nVersion: 1\nArchitecture: amd64\n" + fields + "Description: x\n y\n\n";
}

}  // namespace

TEST(AptParser, TakesWhatAptTakes) {
    apt::prepare_apt_parser();
    EXPECT_EQ(apt::apt_objection(entry("")), "");
    EXPECT_EQ(apt::apt_objection(entry("Depends: a (>= 1:2~), b | c:any, d:i386 (<< 3)\n"
                                       "Provides: e, f (= 2)\nBreaks: g\n")),
              "");
}

TEST(AptParser, RefusesEachRelationFieldInWordsOfApt) {
    for (const char* field : {"Pre-Depends", "Depends", "Conflicts", "Breaks", "Recommends",
                              "Suggests", "Replaces", "Enhances"}) {
        for (const char* value : {"a (", "a (>= 1", "a b", "(= 1)", "a (>= )", "a | | b"}) {
            EXPECT_NE(apt::apt_objection(entry(std::string(field) + ": " + value + "\n"))
                          .find(std::string("Problem parsing dependency ") + field),
                      std::string::npos)
                << field << ": " << value;
        }
    }
    EXPECT_EQ(apt::apt_objection(entry("Provides: a (\n")), "Problem parsing Provides line");
    EXPECT_NE(apt::apt_objection(entry("Provides: a (>= 1)\n")).find("non-equal"),
              std::string::npos);
    // What was said of one entry does not cling to the next.
    EXPECT_EQ(apt::apt_objection(entry("")), "");
}

TEST(AptParser, RefusesWhatIsNoSingleParagraph) {
    EXPECT_NE(apt::apt_objection(entry("") + entry("")), "");
    EXPECT_NE(apt::apt_objection("Package: a\nVersion: 1\n"), "");
    EXPECT_NE(apt::apt_objection("Version: 1\nArchitecture: all\n\n"), "");
    EXPECT_NE(apt::apt_objection("nothing\n\n"), "");
}
