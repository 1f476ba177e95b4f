// SPDX-License-Identifier: GPL-3.0-or-later
// What a file of a bundle is, by its first bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bundle {

enum class Content {
    empty,
    rpm,
    deb,
    delta_rpm,
    debian_source,  // a .dsc
    descriptor,     // an XML document with a root that descriptors have
    comps,
    updateinfo,
    xml,  // of any other root
    html,
    compressed,  // one file; what is inside is another question
    archive,
    text,
    unknown,
};

/// How many first bytes content_of wants to see: a DOCTYPE and comments may stand before the root.
inline constexpr std::size_t content_head = 64 * 1024;

Content content_of(std::string_view head);

/// "an HTML page", for messages.
std::string_view description(Content content);

/// The local name of the first element of an XML document; empty if this is none. Judges nothing.
std::string_view root_name(std::string_view head);

}  // namespace bundle
