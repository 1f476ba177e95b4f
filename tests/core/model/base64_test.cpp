// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base64.hpp"

#include <gtest/gtest.h>

namespace core_test {
namespace {

using core::from_base64;
using core::to_base64;

TEST(Base64, IsThatOfTheStandard) {
    const std::pair<std::string, std::string> pairs[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {std::string("\0\xff\x80\xff", 4), "AP+A/w=="}};
    for (const auto& [bytes, text] : pairs) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
}

TEST(Base64, OfEveryByteComesBack) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
}

TEST(Base64, IsReadStrictly) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zm9vY", "Zm9*",
                             "Zg==Zg==", "Z===", "====", "Z=g=", "Zm9v\n", "Zm-_", " Zm9"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace core_test
