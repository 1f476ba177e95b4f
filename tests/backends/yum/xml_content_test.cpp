// SPDX-License-Identifier: GPL-3.0-or-later
// What passes is well-formed; expat, which dnf's libsolv and Python read XML with, is the judge.
#include "backends/yum/xml_content.hpp"

#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "backends/yum/inspector.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace {

bool passes(std::string_view text, std::string_view prefix = "rpm") {
    try {
        yum::count_elements(text, prefix);
        return true;
    } catch (const core::Error&) {
        return false;
    }
}

/// A text with one to three bytes changed, left out or put in.
std::string mutant(std::string text, std::mt19937& random) {
    static const std::string likely = "<>&;\"'/=: \n]#x!?-\r\x01\x7f\x80\xa0\xc0\xed\xef\xbf\xf4";
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        const std::size_t at = random() % text.size();
        const char c = likely[random() % likely.size()];
        switch (random() % 4) {
            case 0:
                text[at] = c;
                break;
            case 1:
                text.insert(at, 1, c);
                break;
            case 2:
                text.erase(at, 1 + random() % 3);
                break;
            default:
                text.insert(at, text.substr(random() % text.size(), random() % 12));
        }
    }
    return text;
}

}  // namespace

TEST(XmlContent, IsCounted) {
    EXPECT_EQ(yum::count_elements(""), 0U);
    EXPECT_EQ(yum::count_elements("<a/>\n<b x=\"1\" y=\"&quot;>\">t<c>\xc3\xa4&#228;</c ></b>\n"),
              2U);
    EXPECT_EQ(yum::count_elements("<rpm:a xml:lang=\"de\"/>", "rpm"), 1U);
}

TEST(XmlContent, IsRefusedIfItIsNotWellFormed) {
    for (const char* text : {"x",
                             "<a>",
                             "</a>",
                             "<a></b>",
                             "<a><b></a></b>",
                             "<a x=1/>",
                             "<a x='1'/>",
                             "<a x=\"<\"/>",
                             "<a x=\"1\" x=\"2\"/>",
                             "<a x=\"1\"y=\"2\"/>",
                             "<a>&x;</a>",
                             "<a>&</a>",
                             "<a>&#0;</a>",
                             "<a>&#xD800;</a>",
                             "<a>&#x110000;</a>",
                             "<a>&#;</a>",
                             "<a>]]></a>",
                             "<a><!-- --></a>",
                             "<a><![CDATA[]]></a>",
                             "<?a?>",
                             "<x:a/>",
                             "<a>\x01</a>",
                             "<a>\xc0\xa0</a>",
                             "<a>\xed\xa0\xa5</a>",
                             "<a>\xf7\xbf\xbf\xbf</a>",
                             "<a>\xef\xbf\xbf</a>",
                             "<a>\xc3</a>",
                             "<1/>",
                             "< a/>",
                             "<a",
                             "<a x",
                             "<a x=\"",
                             "<a/",
                             "<a>&am"}) {
        EXPECT_FALSE(passes(text)) << text;
    }
}

TEST(XmlContent, ThatPassesIsReadByExpat) {
    const workshop::Scratch scratch;
    const yum::YumInspector inspector{core::Cache(scratch / "cache"), workshop::cells()};
    const auto file = workshop::sound_packages().front();
    const shards::Fragments fragments = inspector.fragments(file, core::sha256_file(file));
    std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    std::string documents;
    int passed = 0;
    for (int i = 0; i < 6000; ++i) {
        const std::string text = mutant(fragments[static_cast<std::size_t>(i) % 3], random);
        if (!passes(text)) continue;
        ++passed;
        documents += "<root xmlns:rpm=\"r\">" + text + "</root>";
        documents += '\0';
    }
    EXPECT_GT(passed, 100);
    const auto input = scratch.file("documents", documents);
    const std::string refused = workshop::must_run(
        "python3 -c 'import sys, xml.parsers.expat as e\n"
        "for d in open(sys.argv[1], \"rb\").read().split(b\"\\0\")[:-1]:\n"
        " p = e.ParserCreate(None, \"|\")\n"
        " try: p.Parse(d, True)\n"
        " except e.ExpatError as x: print(x, d)' " +
        workshop::quoted(input.string()));
    EXPECT_EQ(refused, "");
}
