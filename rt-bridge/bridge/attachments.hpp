// SPDX-License-Identifier: GPL-3.0-or-later
// Which attachments, of those that count, are what is handed in.
#pragma once

#include <optional>
#include <vector>

#include "core/work/request.hpp"
#include "rt-bridge/rt/tickets.hpp"

namespace bridge {

enum class Part { descriptor, archive, package, other };

/// By the name alone: what an attachment really is, decides its content later.
Part part_of(const rt::Attachment& attachment);

struct HandedIn {
    std::optional<rt::Attachment> descriptor;
    std::vector<rt::Attachment> bundle;  // one archive, or packages one by one; may be empty
    bool descriptor_is_newer = false;    // than the bundle, or came with it
    std::string sync_url;                // where the packages are; empty: not said
    core::Admission admission{};         // of it; the line as the ticket calls it
};

/// What came last counts: of descriptors and of bundles those of the last message that brought any.
/// Throws Refused (descriptor-ambiguous) if that one brought several descriptors and none, or more
/// than one, is called release.xml; and (descriptor-ambiguous) for several archives in it.
HandedIn choose(const std::vector<rt::Attachment>& attachments);

}  // namespace bridge
