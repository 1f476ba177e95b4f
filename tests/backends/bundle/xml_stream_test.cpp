// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_stream.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

#include "core/model/error.hpp"

namespace {

/// Writes down what it is told.
class Scribe : public bundle::XmlSink {
  public:
    void begin(std::string_view name, const bundle::XmlAttributes& attributes) override {
        told_ += "<" + std::string(name);
        if (const auto value = attributes.find("a")) told_ += "=" + std::string(*value);
        if (name == "throw") throw std::runtime_error("thrown");
    }
    void text(std::string_view piece) override { told_ += piece; }
    void end(std::string_view name) override { told_ += "/" + std::string(name) + ">"; }

    const std::string& told() const { return told_; }

  private:
    std::string told_;
};

std::string streamed(std::string_view text, std::size_t size,
                     const bundle::XmlStreamLimits& limits = {}) {
    Scribe scribe;
    bundle::XmlStream stream(scribe, "it", limits);
    try {
        for (std::size_t at = 0; at < text.size(); at += size) stream.feed(text.substr(at, size));
        stream.finish();
    } catch (const core::Refused& refused) {
        return refused.code();
    }
    return scribe.told();
}

}  // namespace

TEST(XmlStream, TellsTheSameHoweverTheTextIsCut) {
    const std::string text =
        "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n<!-- c --><x:r x:a='1&amp;2' b=''>t"
        "<![CDATA[<&]]>\xC3\xA4<e/>&#65;</x:r>\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        EXPECT_EQ(streamed(text, size), "<r=1&2t<&\xC3\xA4<e/e>A/r>") << size;
    }
}

TEST(XmlStream, ACutOrFaultyTextIsRefused) {
    const std::string text = "<r><e a='1'>x</e></r>";
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(streamed(text.substr(0, size), 5), "xml-syntax") << size;
    }
    for (const char* bad : {"<a/><b/>", "<a></b>", "<a b='1' b='2'/>", "<a>&b;</a>", "<a>\x01</a>",
                            "<a>&#0;</a>", "x<a/>", "<a b=1/>", "\xFF\xFE<\0a/>"}) {
        EXPECT_EQ(streamed(bad, 3), "xml-syntax") << bad;
    }
    EXPECT_EQ(streamed("<?xml version='1.0' encoding='utf-16'?><a/>", 3), "xml-encoding");
}

TEST(XmlStream, LimitsAreItsOwn) {
    EXPECT_EQ(streamed("<a><a/></a>", 3, {.depth = 1}), "xml-limit");
    EXPECT_EQ(streamed("<a bb=''/>", 3, {.name = 1}), "xml-limit");
    EXPECT_EQ(streamed("<a b='' c=''/>", 3, {.names = 2}), "xml-limit");
    EXPECT_EQ(streamed("<a b='" + std::string(100, 'x') + "'/>", 3, {.tag = 50}), "xml-limit");
}

TEST(XmlStream, WhatTheReaderThrowsComesOut) {
    EXPECT_THROW(streamed("<a><throw/></a>", 3), std::runtime_error);
}
