// SPDX-License-Identifier: GPL-3.0-or-later
// XML from a stranger that is too large for a tree: read once, in blocks, its elements handed on as
// they begin and end. It stops at the first fault. Nothing is fetched or expanded: a DOCTYPE that
// holds anything, and with it every entity of one's own, is refused. (expat)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bundle {

struct XmlStreamLimits {
    std::size_t depth = 32;
    std::size_t tag = 256u << 10;  // bytes of one tag, comment or instruction
    std::size_t name = 128;        // of an element or attribute
    std::size_t names = 1000;      // different ones: expat remembers each
};

/// What stands in a start tag. Valid during the call that hands it on.
class XmlAttributes {
  public:
    explicit XmlAttributes(const char* const* pairs) : pairs_(pairs) {}

    /// By its name without prefix; the first one of that name.
    std::optional<std::string_view> find(std::string_view local_name) const;

  private:
    const char* const* pairs_;  // name, value, name, value, null
};

/// Who reads. Names are without their prefixes. What is thrown comes out of XmlStream::feed.
class XmlSink {
  public:
    virtual ~XmlSink() = default;
    virtual void begin(std::string_view name, const XmlAttributes& attributes) = 0;
    virtual void text(std::string_view piece) = 0;  // of the innermost element, in pieces
    virtual void end(std::string_view name) = 0;
};

class XmlStream {
  public:
    /// Borrows `sink`. `where` names the document in refusals.
    XmlStream(XmlSink& sink, std::string where, const XmlStreamLimits& limits);
    ~XmlStream();
    XmlStream(const XmlStream&) = delete;
    XmlStream& operator=(const XmlStream&) = delete;

    /// Throws Refused (xml-syntax, xml-encoding, xml-doctype, xml-limit).
    void feed(std::string_view block);

    /// The document has to be whole now; throws as feed() does.
    void finish();

    /// Of what is handed on just now: its line, and how many bytes lie before it.
    std::uint64_t line() const;
    std::uint64_t position() const;

    std::uint64_t nodes() const;  // elements and attributes that were handed on

    struct State;  // known to xml_stream.cpp only

  private:
    std::unique_ptr<State> state_;
};

}  // namespace bundle
