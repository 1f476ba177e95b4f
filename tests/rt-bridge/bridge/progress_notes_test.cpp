// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/progress_notes.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace bridge {
namespace {

TEST(ProgressNotes, ALongDownloadIsMentionedFromTimeToTimeAndAShortOneNever) {
    std::vector<std::string> notes;
    const auto note = [&](const std::string& text) { notes.push_back(text); };
    const http::Url url = http::Url::parse("https://repo.example.org/a.tar.gz");

    const http::Progress calm = progress_notes(note, std::chrono::hours(1));
    for (std::uint64_t i = 0; i < 1000; ++i) calm(url, i, 1000);
    EXPECT_TRUE(notes.empty());

    const http::Progress eager = progress_notes(note, std::chrono::milliseconds(0));
    eager(url, 1'500'000, 0);
    eager(url, 2'500'000, 10'000'000);
    EXPECT_EQ(notes, (std::vector<std::string>{
                         "downloading https://repo.example.org:443/a.tar.gz: 1.5 MB",
                         "downloading https://repo.example.org:443/a.tar.gz: 2.5 MB of 10.0 MB"}));
}

}  // namespace
}  // namespace bridge
