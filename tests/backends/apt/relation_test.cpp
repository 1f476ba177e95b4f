// SPDX-License-Identifier: GPL-3.0-or-later
// Odd forms of relationship fields; apt and dpkg of this machine are the judges.
#include "backends/apt/relation.hpp"

#include <gtest/gtest.h>
#include <map>

#include "backends/apt/control.hpp"
#include "backends/apt/stanza.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

struct Form {
    std::string field, value;
    bool stricter = false;  // refused by us though both others take it
};

const std::string long_name(1000, 'a');

const std::vector<Form> forms{
    {"Depends", "libc6"},
    {"Depends", "libc6 (>= 2.36), zlib1g"},
    {"Depends", "libc6(>=2.36),zlib1g|zlib2"},
    {"Depends", "libc6 (>= 2.36),\n zlib1g,\n  perl"},
    {"Depends", "a | b (<< 1:2.0-3~x+y) | c:any"},
    {"Depends", "python3:any (>= 3.9), libfoo:amd64, perl:native"},
    {"Depends", "a (= 1.0)"},
    {"Depends", "a (>> 1.0)"},
    {"Depends", "a (<= 1.0)"},
    {"Depends", "a (< 1.0)"},
    {"Depends", "a (> 1.0)"},
    {"Depends", "a (>= v1.0)", true},
    {"Depends", "libFoo_bar (>= 1.0_2)", true},
    {"Depends", "a (>=  1.0  ) , b"},
    {"Depends", "a ( >= 1.0 )"},
    {"Depends", "a (>= 0:1)"},
    {"Depends", "a\t(>= 1),\tb"},
    {"Depends", "a,"},
    {"Depends", "a, "},
    {"Depends", ", a"},
    {"Depends", "a,, b"},
    {"Depends", "a |"},
    {"Depends", "a | | b"},
    {"Depends", "| a"},
    {"Depends", "a b"},
    {"Depends", "a (>= 1) b"},
    {"Depends", "a (>= 1"},
    {"Depends", "a >= 1"},
    {"Depends", "a)"},
    {"Depends", "a ("},
    {"Depends", "a ()"},
    {"Depends", "a (>=)"},
    {"Depends", "a (>= )"},
    {"Depends", "a (1.0)", true},
    {"Depends", "a (1)", true},
    {"Depends", "a (=> 1)"},
    {"Depends", "a (== 1)"},
    {"Depends", "a (<> 1)"},
    {"Depends", "a (> = 1)"},
    {"Depends", "a (< < 1)"},
    {"Depends", "a (= > 1)"},
    {"Depends", "a (>= = 1)"},
    {"Depends", "a (>>= 1)"},
    {"Depends", "a (>= 1 2)"},
    {"Depends", "a (>= (1))"},
    {"Depends", "a (>= x:1)"},
    {"Depends", "a (>= 1-)"},
    {"Depends", "a (>= :1)"},
    {"Depends", "a (>= 1) (<< 2)"},
    {"Depends", "a [amd64]"},
    {"Depends", "a (>= 1) [!amd64]"},
    {"Depends", "a <!nocheck>"},
    {"Depends", "a:"},
    {"Depends", "a: b"},
    {"Depends", ":any"},
    {"Depends", "a:x_y"},
    {"Depends", "${misc:Depends}"},
    {"Depends", "-a"},
    {"Depends", "a;b"},
    {"Depends", "/bin/sh"},
    {"Depends", "libfoo.so.1()(64bit)"},
    {"Depends", "a/unstable"},
    {"Depends", "none,"},
    {"Depends", "a\xc3\xa9"},
    {"Depends", long_name, true},
    {"Pre-Depends", "dpkg (>= 1.15.6) | b"},
    {"Pre-Depends", "dpkg >= 1.15.6"},
    {"Recommends", "a | b"},
    {"Recommends", "a and b"},
    {"Suggests", "a (>= 1) | b"},
    {"Suggests", "see the README."},
    {"Enhances", "a"},
    {"Enhances", "(a)"},
    {"Breaks", "a (<< 2)"},
    {"Breaks", "a | b"},
    {"Breaks", "<a>"},
    {"Conflicts", "a, b (<< 2)"},
    {"Conflicts", "a | b"},
    {"Conflicts", "a b"},
    {"Replaces", "a (<= 2)"},
    {"Replaces", "a || b"},
    {"Replaces", "a [x]"},
    {"Provides", "a, b (= 1.0)"},
    {"Provides", "a (>= 1.0)", true},
    {"Provides", "a | b"},
    {"Provides", "a ="},
    {"provides", "a:any (= 1), b"},
};

class Judges {
  public:
    Judges() { workshop_.run("mkdir -p lists/partial etc admin && touch admin/status none"); }

    bool apt(const std::string& packages) const {
        core::write_file(workshop_.path("packages"), packages);
        return passes(
            "apt-cache -o Dir::State::lists=lists -o Dir::State::status=packages -o Dir::Etc=etc "
            "-o Dir::Cache=none -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= pkgnames");
    }

    bool dpkg(const std::string& packages) const {
        core::write_file(workshop_.path("packages"), packages);
        return passes("dpkg --admindir=admin --update-avail packages");
    }

  private:
    bool passes(const std::string& command) const {
        return workshop_.run(command + " > out 2>&1 && echo yes || echo no") == "yes\n";
    }
    Workshop workshop_;
};

std::string stanza_with(const Form& form) {
    static int number = 0;
    return "Package: argus" + std::to_string(number++) +
           "\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nInstalled-Size: 1\n" +
           form.field + ": " + form.value + "\nDescription: x\n\n";
}

}  // namespace

TEST(Relation, TakesWhatAptAndDpkgTakeAndNothingElse) {
    const Judges judges;
    std::string taken;
    for (const Form& form : forms) {
        const std::string text = form.field + ": " + form.value.substr(0, 60);
        if (apt::relation_fault(form.field, form.value).empty()) {
            EXPECT_FALSE(form.stricter) << text;
            taken += stanza_with(form);
            continue;
        }
        const std::string stanza = stanza_with(form);
        EXPECT_EQ(judges.apt(stanza) && judges.dpkg(stanza), form.stricter) << text;
    }
    EXPECT_TRUE(judges.apt(taken));
    EXPECT_TRUE(judges.dpkg(taken));
}

TEST(Relation, IsQuotedWithItsFieldInTheRefusal) {
    try {
        apt::describe_package(
            apt::parse_control(minimal_control("Depends: libc6,\n perl >= 5, zlib1g\n")));
        FAIL() << "taken";
    } catch (const core::Refused& refused) {
        EXPECT_EQ(refused.code(), "package-relation");
        EXPECT_EQ(std::string(refused.what()),
                  "Depends is not valid: a comma is missing: \"perl >= 5\"");
    }
}

TEST(Relation, ThatIsNoneIsToldByWhatIsWrongWithIt) {
    const std::string none = " is none of the relations <<, <=, =, >= and >>: ";
    const std::map<std::string, std::string> told{
        {"foo (> = 1.0)", "\"> =\"" + none},
        {"foo (= > 1.0)", "\"= >\"" + none},
        {"foo (=> 1.0)", "\"=>\"" + none},
        {"foo (> \t = = 1.0)", "\"> \\x09 = =\"" + none},
        {"foo (1.0)", "a relation is missing before the version (<<, <=, =, >= or >>): "},
        {"foo ()", "a relation is missing before the version (<<, <=, =, >= or >>): "},
        {"foo (>= 1.0), ", "a package name is missing: "},
        {"foo (>= 1.0) |", "a package name is missing: "},
        {"foo (>= 1.0", "a bracket is not closed: "},
        {"foo (>= 1.0 | bar", "a bracket is not closed: "},
        {"foo (>= 1.0 2)", "there is more than one version in the brackets: "},
        {"foo (>= 1,0)", "there is more than one version in the brackets: "},
        {"foo (>= 1|0)", "there is more than one version in the brackets: "},
        {"foo (>= ${v})", "there is no valid version: "},
        {"foo (>= 2147483648:1)", "there is no valid version: "},
        {"foo (>= 1.0, << 2)", "there is more than one version in the brackets: "},
    };
    for (const auto& [value, text] : told) {
        EXPECT_TRUE(apt::relation_fault("Depends", value).starts_with(text + "\"foo ("))
            << apt::relation_fault("Depends", value);
    }
}

TEST(Relation, IsLeftOutIfItIsEmpty) {
    const auto control = apt::parse_control(minimal_control("Depends:\nBreaks: \n"));
    const std::string text = apt::stanza(control, apt::describe_package(control));
    EXPECT_EQ(text.find("Depends"), std::string::npos);
    EXPECT_EQ(text.find("Breaks"), std::string::npos);
}
