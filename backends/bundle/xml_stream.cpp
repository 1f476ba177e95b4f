// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/xml_stream.hpp"

#include <algorithm>
#include <exception>
#include <expat.h>
#include <fmt/format.h>
#include <functional>
#include <new>
#include <unordered_set>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

namespace reason = core::reason;

/// A tag that is not whole yet expat reads again with each piece: they must not be small.
constexpr std::size_t piece_size = 64u << 10;

std::string_view without_prefix(std::string_view name) {
    return name.substr(name.find(':') + 1);  // none: npos + 1 is 0
}

struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
};

}  // namespace

std::optional<std::string_view> XmlAttributes::find(std::string_view local_name) const {
    for (const char* const* pair = pairs_; *pair != nullptr; pair += 2) {
        if (without_prefix(pair[0]) == local_name) return pair[1];
    }
    return std::nullopt;
}

struct XmlStream::State {
    State(XmlSink& sink_in, std::string where_in, const XmlStreamLimits& limits_in)
        : sink(sink_in),
          where(std::move(where_in)),
          limits(limits_in),
          // Whatever the document says of itself: bytes that are not UTF-8 are a fault.
          parser(XML_ParserCreate("UTF-8"), &XML_ParserFree) {
        if (!parser) throw std::bad_alloc();
        XML_SetUserData(parser.get(), this);
        XML_SetElementHandler(parser.get(), &State::on_begin, &State::on_end);
        XML_SetCharacterDataHandler(parser.get(), &State::on_text);
        XML_SetXmlDeclHandler(parser.get(), &State::on_declaration);
        XML_SetStartDoctypeDeclHandler(parser.get(), &State::on_doctype);
    }

    core::Refused refused(reason::Code code, const std::string& what, std::string remedy) const {
        return {code,
                fmt::format("{}, line {}: {}", core::escaped(where),
                            XML_GetCurrentLineNumber(parser.get()), what),
                std::move(remedy)};
    }

    core::Refused limit(const std::string& what) const {
        return refused(reason::xml_limit, what, "Make the document anew, and simpler.");
    }

    /// Nothing may be thrown through expat: it waits here until expat has returned.
    template <class Action>
    void guarded(const Action& action) {
        if (thrown) return;
        try {
            action();
        } catch (...) {
            thrown = std::current_exception();
            XML_StopParser(parser.get(), XML_FALSE);
        }
    }

    void parse(std::string_view bytes, bool last) {
        const auto status =
            XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
        if (thrown) std::rethrow_exception(thrown);
        if (status == XML_STATUS_OK) return;
        const XML_Error error = XML_GetErrorCode(parser.get());
        if (error == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
        throw refused(reason::xml_syntax, XML_ErrorString(error),
                      "Make the document anew; it is XML 1.0 in UTF-8.");
    }

    void feed(std::string_view bytes) {
        parse(bytes, false);
        fed += bytes.size();
        if (fed - position() > limits.tag) {
            throw limit(fmt::format("a tag has more than {} bytes", limits.tag));
        }
    }

    /// Before the first event expat says -1.
    std::uint64_t position() const {
        return static_cast<std::uint64_t>(
            std::max<XML_Index>(XML_GetCurrentByteIndex(parser.get()), 0));
    }

    void count_name(std::string_view name) {
        if (names.contains(name)) return;
        if (name.size() > limits.name) {
            throw limit(fmt::format("a name has more than {} bytes", limits.name));
        }
        if (names.size() >= limits.names) {
            throw limit(fmt::format("there are more than {} different names", limits.names));
        }
        names.emplace(name);
    }

    void begin(const char* name, const char* const* attributes) {
        if (++depth > limits.depth) {
            throw limit(fmt::format("elements are nested more than {} deep", limits.depth));
        }
        count_name(name);
        ++nodes;
        for (const char* const* pair = attributes; *pair != nullptr; pair += 2) {
            count_name(*pair);
            ++nodes;
        }
        sink.begin(without_prefix(name), XmlAttributes(attributes));
    }

    void declaration(const char* encoding) const {
        if (encoding == nullptr || core::lower(encoding) == "utf-8") return;
        throw refused(reason::xml_encoding,
                      fmt::format("the encoding is declared as {}, only UTF-8 is read",
                                  core::escaped(std::string_view(encoding).substr(0, 60))),
                      "Write the document as UTF-8.");
    }

    static State& of(void* self) { return *static_cast<State*>(self); }

    static void on_begin(void* self, const char* name, const char** attributes) {
        of(self).guarded([&] { of(self).begin(name, attributes); });
    }
    static void on_end(void* self, const char* name) {
        of(self).guarded([&] {
            --of(self).depth;
            of(self).sink.end(without_prefix(name));
        });
    }
    static void on_text(void* self, const char* piece, int size) {
        of(self).guarded([&] { of(self).sink.text({piece, static_cast<std::size_t>(size)}); });
    }
    static void on_declaration(void* self, const char*, const char* encoding, int) {
        of(self).guarded([&] { of(self).declaration(encoding); });
    }
    static void on_doctype(void* self, const char*, const char* system_id, const char* public_id,
                           int has_subset) {
        if (system_id == nullptr && public_id == nullptr && has_subset == 0) return;
        of(self).guarded([&] {
            throw of(self).refused(reason::xml_doctype,
                                   "a DOCTYPE that declares something or names another file",
                                   "Remove the DOCTYPE.");
        });
    }

    XmlSink& sink;
    std::string where;
    XmlStreamLimits limits;
    std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser;
    std::exception_ptr thrown;
    std::unordered_set<std::string, Hash, std::equal_to<>> names;
    std::size_t depth = 0;
    std::uint64_t nodes = 0;
    std::uint64_t fed = 0;
};

XmlStream::XmlStream(XmlSink& sink, std::string where, const XmlStreamLimits& limits)
    : state_(std::make_unique<State>(sink, std::move(where), limits)) {}

XmlStream::~XmlStream() = default;

void XmlStream::feed(std::string_view block) {
    while (!block.empty()) {
        const std::string_view piece = block.substr(0, piece_size);
        state_->feed(piece);
        block.remove_prefix(piece.size());
    }
}

void XmlStream::finish() {
    state_->parse({}, true);
}

std::uint64_t XmlStream::line() const {
    return XML_GetCurrentLineNumber(state_->parser.get());
}

std::uint64_t XmlStream::position() const {
    return state_->position();
}

std::uint64_t XmlStream::nodes() const {
    return state_->nodes;
}

}  // namespace bundle
