// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a Packages index, read as strictly as the strictest client does: a stanza that apt
// cannot read, or that ends before it should, takes every other with it.
#pragma once

#include <cstddef>
#include <string_view>

namespace apt {

/// apt gives up where a stanza is larger than its buffer can become, which is this and some bytes.
inline constexpr std::size_t largest_stanza = 1u << 20;

/// How many stanzas there are. Throws Error, with the place, unless each is complete and as apt
/// wants it.
std::size_t count_stanzas(std::string_view packages);

}  // namespace apt
