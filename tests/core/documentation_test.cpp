// SPDX-License-Identifier: GPL-3.0-or-later
// core/model/README.md explains every reason code, and no other.
#include <gtest/gtest.h>
#include <regex>
#include <set>

#include "core/system/files.hpp"

namespace core_test {
namespace {

std::set<std::string> all_matches(const std::string& text, const char* pattern) {
    const std::regex expression(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end;
         ++match) {
        found.insert((*match)[1]);
    }
    return found;
}

TEST(Documentation, ExplainsEveryReasonCode) {
    const std::filesystem::path root = std::filesystem::path(FIXTURES).parent_path();
    std::string text = core::read_file(root / "core/model/README.md");
    text = text.substr(text.find("## Reason codes"));
    std::string first_cells;
    for (std::size_t begin = text.find("\n| `"); begin != std::string::npos;
         begin = text.find("\n| `", begin + 1)) {
        first_cells += text.substr(begin, text.find(" | ", begin + 3) - begin);
    }
    EXPECT_EQ(all_matches(first_cells, "`([a-z0-9-]+)`"),
              all_matches(core::read_file(root / "core/model/reason.hpp"), "= \"([a-z0-9-]+)\";"));
}

}  // namespace
}  // namespace core_test
