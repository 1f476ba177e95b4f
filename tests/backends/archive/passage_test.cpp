// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is read once has the digest of what was read.
#include "backends/archive/passage.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>

#include "backends/archive/source.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace {

class Passages : public testing::Test {
  protected:
    void SetUp() override {
        for (int i = 0; i < 300'000; ++i) text_ += static_cast<char>('a' + i * i % 23);
        text_ += text_ + text_;
        core::write_file(directory_ / "file", text_);
    }

    tests::Scratch directory_;
    std::string text_;
};

TEST_F(Passages, GiveEachPartAndTheDigestOfAll) {
    const auto source = archive::Source::once(core::File::open_to_read(directory_ / "file"));
    EXPECT_EQ(source.size(), text_.size());
    const auto part = source.part(10, 700'000);
    for (std::uint64_t at = 0; at < part.size(); at += 1000) {
        ASSERT_EQ(part.text_at(at, 1500),
                  text_.substr(10 + at, std::min<std::uint64_t>(1500, 700'000 - at)));
    }
    EXPECT_EQ(source.digest(), core::sha256(text_));
}

TEST_F(Passages, HashWhatWasReadWhateverBecomesOfTheFile) {
    const auto source = archive::Source::once(core::File::open_to_read(directory_ / "file"));
    EXPECT_EQ(source.text_at(0, 4), text_.substr(0, 4));
    std::string other = text_;
    other[0] = 'X';
    std::fstream(directory_ / "file", std::ios::in | std::ios::out) << 'X';
    EXPECT_EQ(source.text_at(0, 4), text_.substr(0, 4));
    EXPECT_EQ(source.digest(), core::sha256(text_));
    EXPECT_EQ(archive::Source::once(core::File::open_to_read(directory_ / "file")).digest(),
              core::sha256(other));
}

TEST_F(Passages, DoNotGoFarBack) {
    const auto source = archive::Source::once(core::File::open_to_read(directory_ / "file"));
    source.text_at(800'000, 1);
    EXPECT_THROW(source.text_at(0, 1), core::Error);
}

}  // namespace
