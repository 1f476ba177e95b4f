// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/apt_index.hpp"

#include <time.h>

#include "backends/apt/paragraph_stream.hpp"
#include "core/model/text.hpp"

namespace fetch {
namespace {

using apt::value_of;
using Paragraph = std::vector<apt::Field>;

Expected expected_of(std::string_view digest, std::string_view size, const std::string& where) {
    Expected expected;
    try {
        expected.digest = core::Digest::parse(core::lower(digest.substr(0, 65)));
    } catch (const core::Error&) {
        throw invalid_index(where, "an entry has no SHA-256 digest");
    }
    const auto number = core::whole_number(size);
    if (!number) throw invalid_index(where, "an entry has no size");
    expected.size = *number;
    return expected;
}

Files listed_in(const Paragraph& release, const std::string& where) {
    Files listed;
    for (const std::string& line : core::split(value_of(release, "sha256"), "\n")) {
        const auto words = core::split(line, " \t");
        if (words.empty()) continue;
        if (words.size() != 3) throw invalid_index(where, "an entry is not digest, size and name");
        listed[words[2]] = expected_of(words[0], words[1], where);
    }
    if (listed.empty()) throw invalid_index(where, "it lists no SHA-256 digests");
    return listed;
}

apt::ParagraphStream::Refusal at_line(const std::string& where) {
    return [where](std::uint64_t line, const std::string& what) {
        return invalid_index(where, "line " + std::to_string(line) + ": " + what);
    };
}

/// Beyond what one paragraph may have.
apt::ParagraphStream::Refusal beyond_limits(const std::string& where) {
    return [where](std::uint64_t line, const std::string& what) {
        return too_large_index(where, "line " + std::to_string(line) + ": " + what, {});
    };
}

}  // namespace

AptRelease parse_release(const std::string& text, const std::string& where) {
    Paragraph release;
    std::size_t paragraphs = 0;
    apt::ParagraphStream stream(
        {},
        [&](const Paragraph& paragraph) {
            release = paragraph;
            ++paragraphs;
        },
        at_line(where), beyond_limits(where));
    stream.feed(text);
    stream.finish();
    if (paragraphs != 1) throw invalid_index(where, "it is not one paragraph");
    AptRelease result;
    result.components = core::split(value_of(release, "components"), " \t\n");
    result.architectures = core::split(value_of(release, "architectures"), " \t\n");
    result.by_hash = value_of(release, "acquire-by-hash") == "yes";
    result.date = value_of(release, "date");
    result.valid_until = value_of(release, "valid-until");
    result.listed = listed_in(release, where);
    return result;
}

core::Time parse_release_date(const std::string& date, const std::string& where) {
    std::tm parts{};
    const char* rest = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
    const std::string_view zone = core::trimmed(rest == nullptr ? "?" : rest);
    if (zone != "UTC" && zone != "GMT" && zone != "+0000" && zone != "Z") {
        throw invalid_index(where, "\"" + core::escaped(date.substr(0, 100)) + "\" is no date");
    }
    return core::Time(std::chrono::seconds(::timegm(&parts)));
}

void read_packages(const archive::Source& source, const std::string& where, PackageList& list) {
    apt::ParagraphLimits limits;
    limits.bytes = most_package_bytes;
    apt::ParagraphStream stream(
        limits,
        [&](const Paragraph& paragraph) {
            list.count_package(where);
            std::string_view file = value_of(paragraph, "filename");
            if (file.starts_with("./")) file.remove_prefix(2);  // flat repositories have it
            list.add(std::string(file),
                     expected_of(value_of(paragraph, "sha256"), value_of(paragraph, "size"), where),
                     where);
        },
        at_line(where), beyond_limits(where));
    list.read(source, where, [&](std::string_view block) {
        stream.feed(block);
        list.check_parts(stream.lines(), where);
    });
    stream.finish();
}

}  // namespace fetch
