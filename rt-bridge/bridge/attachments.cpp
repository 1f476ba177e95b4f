// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/attachments.hpp"

#include <algorithm>
#include <array>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace bridge {
namespace {

using Attachments = std::vector<rt::Attachment>;

bool ends_with_one_of(const std::string& name, const auto& endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Those of the last transaction that has any of this kind.
Attachments last_ones(const Attachments& all, Part part, Part or_part) {
    Attachments found;
    for (const rt::Attachment& one : all) {
        const Part is = part_of(one);
        if (is != part && is != or_part) continue;
        if (!found.empty() && found.back().transaction != one.transaction) {
            if (found.back().transaction > one.transaction) continue;
            found.clear();
        }
        found.push_back(one);
    }
    return found;
}

core::Refused ambiguous(const Attachments& found, const std::string& remedy) {
    std::vector<std::string> names;
    for (const rt::Attachment& one : found) names.push_back(core::escaped(one.name));
    return {core::reason::descriptor_ambiguous,
            "it is not clear which of the attachments is meant: " + core::join(names, ", "),
            remedy};
}

std::optional<rt::Attachment> choose_descriptor(const Attachments& all) {
    Attachments found = last_ones(all, Part::descriptor, Part::descriptor);
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) {
        const Attachments candidates = found;
        std::erase_if(found, [](const rt::Attachment& one) {
            return core::lower(one.name) != "release.xml";
        });
        if (found.size() != 1) {
            throw ambiguous(candidates, "Attach one XML file, and call it release.xml.");
        }
    }
    return found.front();
}

Attachments choose_bundle(const Attachments& all) {
    Attachments found = last_ones(all, Part::archive, Part::package);
    Attachments archives;
    std::copy_if(found.begin(), found.end(), std::back_inserter(archives),
                 [](const rt::Attachment& one) { return part_of(one) == Part::archive; });
    if (archives.empty()) return found;
    if (archives.size() > 1 || archives.size() != found.size()) {
        throw ambiguous(found, "Attach one archive that holds everything.");
    }
    return archives;
}

}  // namespace

Part part_of(const rt::Attachment& attachment) {
    static constexpr std::array<std::string_view, 10> archives{
        ".tar",     ".tar.gz", ".tgz",     ".tar.xz", ".txz",
        ".tar.zst", ".tzst",   ".tar.bz2", ".tbz2",   ".zip"};
    static constexpr std::array<std::string_view, 2> packages{".rpm", ".deb"};
    const std::string name = core::lower(attachment.name);
    if (name.ends_with(".xml")) return Part::descriptor;
    if (ends_with_one_of(name, archives)) return Part::archive;
    if (ends_with_one_of(name, packages)) return Part::package;
    return Part::other;
}

HandedIn choose(const Attachments& attachments) {
    HandedIn chosen{choose_descriptor(attachments), choose_bundle(attachments), false, {}, {}};
    chosen.descriptor_is_newer =
        chosen.descriptor && (chosen.bundle.empty() ||
                              chosen.descriptor->transaction >= chosen.bundle.front().transaction);
    return chosen;
}

}  // namespace bridge
