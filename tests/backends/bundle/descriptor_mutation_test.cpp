// SPDX-License-Identifier: GPL-3.0-or-later
// Every clean descriptor with each of its elements dropped, doubled, renamed or emptied, cut off at
// each byte, and with random bytes changed: it is read or refused, and the finding says where.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/bundle/descriptor.hpp"
#include "backends/bundle/xml.hpp"
#include "core/model/reason.hpp"
#include "core/system/files.hpp"

namespace {

namespace fs = std::filesystem;
namespace reason = core::reason;
using bundle::Element;
using bundle::parse_descriptor;
using bundle::ParsedDescriptor;

const fs::path fixtures = fs::path(FIXTURES) / "descriptors";

std::vector<std::pair<std::string, std::string>> texts(const fs::path& directory) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        result.emplace_back(entry.path().filename().string(), core::read_file(entry.path()));
    }
    std::sort(result.begin(), result.end());
    return result;
}

/// What must hold of any report, whatever was read.
void expect_sane(const ParsedDescriptor& parsed, const std::string& what) {
    for (const core::Problem& problem : parsed.report) {
        ASSERT_FALSE(problem.code.empty() || problem.message.empty()) << what;
        ASSERT_EQ(core::describe(problem).find('\n'), std::string::npos) << what;
    }
    ASSERT_LE(parsed.report.size(), 404u) << what;
    if (core::has_errors(parsed.report)) return;
    ASSERT_FALSE(parsed.descriptor.product.empty() || parsed.descriptor.version.empty()) << what;
    for (const core::ListedPackage& package : parsed.descriptor.packages) {
        ASSERT_FALSE(package.name.empty() || package.version.empty()) << what;
        ASSERT_GT(package.line, 0) << what;
    }
}

bool has_error(const ParsedDescriptor& parsed, std::string_view code, std::string_view element) {
    return std::any_of(parsed.report.begin(), parsed.report.end(), [&](const auto& problem) {
        return problem.severity == core::Severity::error && problem.code == code &&
               problem.element.ends_with(element) && problem.line > 0 && !problem.remedy.empty();
    });
}

bool is_mandatory(const std::string& name) {
    return name == "Name" || name == "Version" || name == "MajorVersion" || name == "majorVersion";
}

/// Elements of the clean fixtures that may stand more than once.
bool may_repeat(const std::string& name) {
    static const std::set<std::string> names = {"Package",
                                                "DocumentationLinks",
                                                "DocumentationLink",
                                                "documentationLink",
                                                "Repository",
                                                "Repofile",
                                                "capability",
                                                "package",
                                                "repository:yumRepository",
                                                "repofile:yumRepofile",
                                                "repoid",
                                                "id",
                                                "name",
                                                "baseUrl",
                                                "enabled",
                                                "priority",
                                                "gpgcheck",
                                                "gpgkey",
                                                "protect"};
    return names.contains(name);
}

/// Calls `visit` with the children of each element, and the index of each child.
void each_child(Element& element,
                const std::function<void(std::vector<Element>&, std::size_t)>& visit) {
    for (std::size_t i = 0; i < element.children.size(); ++i) {
        visit(element.children, i);
        each_child(element.children[i], visit);
    }
}

class CleanDescriptor : public testing::TestWithParam<std::string> {
  protected:
    CleanDescriptor() {
        text_ = core::read_file(fixtures / "clean" / (GetParam() + ".xml"));
        root_ = bundle::parse_xml(text_, "r.xml").roots.at(0);
    }

    /// True for elements that only a repository of revision E calls "Name".
    static bool in_repository(const std::vector<Element>& siblings) {
        return siblings.front().name == "Identifier";
    }

    /// Applies `change` to each element in turn and judges what is said of the document then.
    void mutate(const std::function<void(std::vector<Element>&, std::size_t)>& change,
                const std::function<void(const ParsedDescriptor&, const std::string& name,
                                         bool repository)>& judge) {
        std::size_t tried = 0;
        each_child(root_, [&](std::vector<Element>& siblings, std::size_t i) {
            const std::vector<Element> before = siblings;
            const std::string name = siblings[i].name;
            const bool repository = in_repository(siblings);
            change(siblings, i);
            const ParsedDescriptor parsed =
                parse_descriptor(bundle::serialize(root_), "release.xml");
            siblings = before;
            expect_sane(parsed, name);
            judge(parsed, name, repository);
            ++tried;
        });
        EXPECT_GT(tried, 10u);
    }

    std::string text_;
    Element root_;
};

TEST_P(CleanDescriptor, DroppedMandatoryElementIsMissedWhereItBelongs) {
    mutate([](auto& siblings,
              std::size_t i) { siblings.erase(siblings.begin() + static_cast<long>(i)); },
           [](const ParsedDescriptor& parsed, const std::string& name, bool repository) {
               EXPECT_EQ(has_error(parsed, reason::missing_element, "/" + name),
                         is_mandatory(name) && !repository)
                   << name;
           });
}

TEST_P(CleanDescriptor, EmptiedMandatoryElementIsAnError) {
    mutate(
        [](auto& siblings, std::size_t i) {
            siblings[i].text.clear();
            siblings[i].children.clear();
        },
        [](const ParsedDescriptor& parsed, const std::string& name, bool repository) {
            EXPECT_EQ(has_error(parsed, reason::empty_element, "/" + name),
                      is_mandatory(name) && !repository)
                << name;
        });
}

TEST_P(CleanDescriptor, DoubledElementIsAnErrorUnlessItMayRepeat) {
    mutate(
        [](auto& siblings, std::size_t i) {
            const Element copy = siblings[i];
            siblings.insert(siblings.begin() + static_cast<long>(i), copy);
        },
        [](const ParsedDescriptor& parsed, const std::string& name, bool repository) {
            // The entries of a repofile are free; those of a repository of revision E are not.
            const bool repeats = may_repeat(name) && !repository;
            EXPECT_EQ(has_error(parsed, reason::duplicate_element, "/" + name + "[2]"), !repeats)
                << name;
        });
}

TEST_P(CleanDescriptor, RenamedElementIsUnknownAndAMandatoryOneMissing) {
    mutate([](auto& siblings, std::size_t i) { siblings[i].name = "qqqqqq"; },
           [](const ParsedDescriptor& parsed, const std::string& name, bool repository) {
               EXPECT_TRUE(std::any_of(
                   parsed.report.begin(), parsed.report.end(),
                   [](const auto& problem) { return problem.code == reason::unknown_element; }))
                   << name;
               if (is_mandatory(name) && !repository) {
                   EXPECT_TRUE(has_error(parsed, reason::missing_element, "/" + name)) << name;
               }
           });
}

TEST(CleanProduct, DroppedAttributeOfAPackageIsMissedIfMandatory) {
    const std::string text = core::read_file(fixtures / "clean" / "f.xml");
    Element root = bundle::parse_xml(text, "r.xml").roots.at(0);
    std::size_t tried = 0;
    each_child(root, [&](std::vector<Element>& siblings, std::size_t i) {
        if (siblings[i].name != "package") return;
        const std::vector<bundle::Attribute> before = siblings[i].attributes;
        for (std::size_t a = 0; a < before.size(); ++a) {
            siblings[i].attributes.erase(siblings[i].attributes.begin() + static_cast<long>(a));
            const auto parsed = parse_descriptor(bundle::serialize(root), "release.xml");
            siblings[i].attributes = before;
            const std::string& name = before[a].name;
            EXPECT_EQ(has_error(parsed, reason::missing_element, "/@" + name),
                      name == "pkgname" || name == "version")
                << name;
            ++tried;
        }
    });
    EXPECT_EQ(tried, 14u);
}

TEST_P(CleanDescriptor, CutOffAnywhereIsAnErrorWithItsPlace) {
    const std::size_t end = text_.rfind('>');
    for (std::size_t size = 0; size < end; size += 1 + size % 3) {
        const auto parsed = parse_descriptor(text_.substr(0, size), "release.xml");
        expect_sane(parsed, std::to_string(size));
        ASSERT_TRUE(core::has_errors(parsed.report)) << size;
        ASSERT_GT(parsed.report.front().line, 0) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(Revisions, CleanDescriptor, testing::Values("a", "b", "c", "d", "e", "f"),
                         [](const auto& each) { return each.param; });

/// Changes a few bytes, or moves pieces about; tokens of XML are likelier than others.
std::string damaged(std::string text, std::mt19937& random) {
    static const std::vector<std::string> tokens = {"<",
                                                    ">",
                                                    "/>",
                                                    "</",
                                                    "\"",
                                                    "'",
                                                    "&",
                                                    ";",
                                                    "&#",
                                                    "&amp;",
                                                    "<!--",
                                                    "-->",
                                                    "<![CDATA[",
                                                    "]]>",
                                                    "<?",
                                                    "?>",
                                                    "<!DOCTYPE a [",
                                                    "<!ENTITY",
                                                    "]>",
                                                    "xmlns:",
                                                    "=",
                                                    "\xFF",
                                                    "\x01",
                                                    "\xC3",
                                                    "<Package>",
                                                    "</Package>",
                                                    "<Name>",
                                                    "</Release>",
                                                    ":",
                                                    " ",
                                                    "\n"};
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit)(random);
    };
    for (std::size_t n = 1 + below(4); n > 0; --n) {
        const std::size_t at = below(text.size());
        const std::size_t length = std::min(below(40), text.size() - at);
        switch (below(5)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, tokens[below(tokens.size() - 1)]);
                break;
            case 2:
                text.replace(at, std::min<std::size_t>(1, length),
                             tokens[below(tokens.size() - 1)]);
                break;
            case 3:
                text.insert(below(text.size()), text.substr(at, length));
                break;
            case 4:
                text.insert(at, 1, static_cast<char>(below(255)));
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(7)));
        }
    }
    return text;
}

TEST(DamagedDescriptor, IsReadOrRefusedNeverMore) {
    const auto corpus = texts(fixtures);
    std::mt19937 random(20101104);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::size_t refused = 0, runs = 0;
    while (runs < 20'000 && std::chrono::steady_clock::now() < end) {
        const auto& [name, text] = corpus[runs % corpus.size()];
        const std::string changed = damaged(text, random);
        const ParsedDescriptor parsed = parse_descriptor(changed, "release.xml");
        expect_sane(parsed, testing::PrintToString(changed));
        if (HasFatalFailure()) return;
        refused += core::has_errors(parsed.report) ? 1 : 0;
        ++runs;
    }
    EXPECT_GT(runs, 100u);
    EXPECT_GT(refused, runs / 4);  // else the changes are not worth their name
}

}  // namespace
