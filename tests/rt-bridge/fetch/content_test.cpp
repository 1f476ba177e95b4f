// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/content.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fetch {
namespace {

TEST(Content, WebPagesAreKnownInAllTheirForms) {
    for (const char* text :
         {"<!DOCTYPE html><html>", "<html>404", "  \r\n<HTML lang=en>",
          "\xEF\xBB\xBF<!doctype HTML>", "<head><title>", "<!-- error page -->\n<html>",
          "<script>location='/login'</script>",
          "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C\">\n<html xmlns=\"x\">"}) {
        EXPECT_EQ(content_of(text), Content::web_page) << text;
    }
}

TEST(Content, ADescriptorIsNoWebPage) {
    EXPECT_EQ(content_of("<?xml version=\"1.0\"?><Release>"), Content::xml);
    EXPECT_EQ(content_of("<Release><Description>&lt;html&gt;"), Content::xml);
}

TEST(Content, PackagesAndArchivesAreKnownByTheirFirstBytes) {
    EXPECT_EQ(content_of("\xed\xab\xee\xdb\x03" + std::string(100, '\0')), Content::package);
    EXPECT_EQ(
        content_of("!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n"),
        Content::package);
    EXPECT_EQ(content_of(std::string("\x1f\x8b\x08", 3) + std::string(20, '\0')), Content::archive);
    EXPECT_EQ(content_of("PK\x03\x04" + std::string(60, '\0')), Content::archive);
}

TEST(Content, TheRestIsNothingOfUse) {
    for (const char* text : {"", "404 Not Found", "{\"error\":1}", "#!/bin/sh\n"}) {
        EXPECT_EQ(content_of(text), Content::other) << text;
    }
}

}  // namespace
}  // namespace fetch
