// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/content.hpp"

#include <array>
#include <string>

#include "backends/archive/sniff.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace fetch {
namespace {

std::string_view without_byte_order_mark(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    return core::trimmed(bytes);
}

bool looks_like_html(std::string_view text) {
    const std::string start = core::lower(text.substr(0, 512));
    for (const std::string_view tag : {"<!doctype html", "<html", "<head", "<body", "<script"}) {
        if (start.starts_with(tag)) return true;
    }
    // XHTML, and pages that begin with a comment.
    return start.starts_with("<") && start.find("<html") != std::string::npos;
}

}  // namespace

Content content_of(std::string_view first_bytes) {
    switch (archive::kind_of(first_bytes.substr(0, archive::sniff_size))) {
        case archive::Kind::rpm:
        case archive::Kind::deb:
            return Content::package;
        case archive::Kind::gzip:
        case archive::Kind::xz:
        case archive::Kind::zstd:
        case archive::Kind::bzip2:
        case archive::Kind::tar:
        case archive::Kind::zip:
            return Content::archive;
        default:
            break;
    }
    const std::string_view text = without_byte_order_mark(first_bytes);
    if (looks_like_html(text)) return Content::web_page;
    return text.starts_with('<') ? Content::xml : Content::other;
}

Content content_of_file(const std::filesystem::path& file) {
    core::File opened = core::File::open_to_read(file);
    std::array<char, 1024> buffer{};
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const std::size_t got = opened.read(buffer.data() + filled, buffer.size() - filled);
        if (got == 0) break;
        filled += got;
    }
    return content_of({buffer.data(), filled});
}

std::string_view description(Content content) {
    switch (content) {
        case Content::package:
            return "a package";
        case Content::archive:
            return "an archive";
        case Content::xml:
            return "an XML document";
        case Content::web_page:
            return "a web page";
        case Content::other:
            break;
    }
    return "neither a package nor an archive";
}

}  // namespace fetch
