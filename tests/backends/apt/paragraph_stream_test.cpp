// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/paragraph_stream.hpp"

#include <gtest/gtest.h>

namespace {

core::Refused stream_refusal(std::uint64_t line, const std::string& message) {
    return {"code", std::to_string(line) + ": " + message};
}

/// All fields as they were told, in pieces of so many bytes; or why not.
std::string told_in_pieces(std::string_view text, std::size_t size) {
    std::string told;
    apt::ParagraphStream stream(
        {.bytes = 100, .fields = 3},
        [&](const std::vector<apt::Field>& fields) {
            for (const auto& field : fields) told += field.name + "=" + field.value + ";";
            told += "|";
        },
        stream_refusal, stream_refusal);
    try {
        for (std::size_t at = 0; at < text.size(); at += size) stream.feed(text.substr(at, size));
        stream.finish();
    } catch (const core::Refused& refused) {
        return refused.what();
    }
    return told;
}

}  // namespace

TEST(ParagraphStream, TellsTheSameHoweverTheTextIsCut) {
    const std::string text = "\n\nA: 1\r\nB:\n x\n y\n\n \nC: 2\n\nD: 3";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        EXPECT_EQ(told_in_pieces(text, size), "A=1;B=\n x\n y;|C=2;|D=3;|") << size;
    }
    EXPECT_EQ(told_in_pieces("", 1), "");
}

TEST(ParagraphStream, FaultsHaveTheirLineInTheWholeText) {
    for (const std::size_t size : {1u, 7u, 100u}) {
        EXPECT_EQ(told_in_pieces("A: 1\n\nB: 2\nb: 3\n", size), "4: a second field b");
        EXPECT_EQ(told_in_pieces("A: 1\n\n x\n", size), "3: continues a field, but there is none");
        EXPECT_EQ(told_in_pieces("A:\nB:\nC:\nD:\n", size),
                  "4: a paragraph has more than 3 fields");
    }
    EXPECT_EQ(told_in_pieces("A: " + std::string(1000, 'x'), 7),
              "0: a paragraph has more than 100 bytes");
}
