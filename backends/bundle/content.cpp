// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/content.hpp"

#include <algorithm>

#include "backends/archive/sniff.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

void skip_past(std::string_view& text, std::string_view end) {
    const std::size_t at = text.find(end);
    text.remove_prefix(at == text.npos ? text.size() : at + end.size());
}

/// A DOCTYPE may have declarations in brackets, with ">" in them.
void skip_doctype(std::string_view& text) {
    // Only up to its '>': to look for a bracket in all the rest, for each of many, would take
    // quadratic time.
    const std::size_t end = text.find('>');
    if (text.substr(0, end).find('[') != text.npos) skip_past(text, "]");
    skip_past(text, ">");
}

/// As a .dsc begins, with or without its clear signature.
bool is_debian_source(std::string_view head) {
    if (head.starts_with("-----BEGIN PGP SIGNED MESSAGE-----")) skip_past(head, "\n\n");
    const std::string_view begin = head.substr(0, 4096);
    const auto has_field = [&](std::string_view field) {
        return begin.starts_with(field) || begin.find("\n" + std::string(field)) != begin.npos;
    };
    return begin.starts_with("Format: ") && has_field("Source: ") && has_field("Binary: ") &&
           has_field("Standards-Version: ");
}

bool is_text(std::string_view head) {
    // The last character may be cut.
    const std::string_view whole =
        head.substr(0, head.size() - std::min<std::size_t>(head.size(), 4));
    return head.find('\0') == head.npos && core::valid_utf8(whole);
}

Content by_root(std::string_view root) {
    const std::string name = core::lower(root);
    if (name == "release" || name == "package") return Content::descriptor;
    if (name == "comps") return Content::comps;
    if (name == "updates") return Content::updateinfo;
    if (name == "html") return Content::html;
    return Content::xml;
}

}  // namespace

std::string_view root_name(std::string_view head) {
    if (head.starts_with(byte_order_mark)) head.remove_prefix(byte_order_mark.size());
    while (true) {
        skip_blanks(head);
        if (head.starts_with("<?")) {
            skip_past(head, "?>");
        } else if (head.starts_with("<!--")) {
            skip_past(head, "-->");
        } else if (head.starts_with("<!")) {
            skip_doctype(head);
        } else {
            break;
        }
    }
    if (!head.starts_with('<')) return {};
    head.remove_prefix(1);
    std::string_view name = head.substr(0, head.find_first_of(" \t\r\n/>"));
    const std::size_t colon = name.find(':');
    if (colon != name.npos) name.remove_prefix(colon + 1);
    return name;
}

Content content_of(std::string_view head) {
    const archive::Kind kind = archive::kind_of(head);
    if (kind == archive::Kind::empty) return Content::empty;
    if (kind == archive::Kind::rpm) return Content::rpm;
    if (kind == archive::Kind::deb) return Content::deb;
    if (head.starts_with("drpm")) return Content::delta_rpm;
    if (archive::is_compressed(kind)) return Content::compressed;
    if (archive::is_archive(kind)) return Content::archive;
    const std::string_view root = root_name(head);
    if (!root.empty()) return by_root(root);
    if (is_debian_source(head)) return Content::debian_source;
    const std::string begin = core::lower(head.substr(0, 256));
    if (begin.find("<!doctype html") != begin.npos) return Content::html;
    return is_text(head) ? Content::text : Content::unknown;
}

std::string_view description(Content content) {
    switch (content) {
        case Content::empty:
            return "an empty file";
        case Content::rpm:
            return "an RPM package";
        case Content::deb:
            return "a Debian package";
        case Content::delta_rpm:
            return "a delta RPM";
        case Content::debian_source:
            return "a Debian source package";
        case Content::descriptor:
            return "a release descriptor";
        case Content::comps:
            return "a comps document";
        case Content::updateinfo:
            return "an updateinfo document";
        case Content::xml:
            return "an XML document";
        case Content::html:
            return "an HTML page";
        case Content::compressed:
            return "a compressed file";
        case Content::archive:
            return "an archive";
        case Content::text:
            return "a text";
        case Content::unknown:
            break;
    }
    return "a file of unknown kind";
}

}  // namespace bundle
