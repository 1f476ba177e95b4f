// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/submission.hpp"

#include <algorithm>

#include "backends/bundle/descriptor_cell.hpp"
#include "backends/bundle/reader.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace bridge {
namespace fs = std::filesystem;
namespace {

using Given = std::optional<bundle::GivenDescriptor>;

fs::path made(const fs::path& directory) {
    core::make_directories(directory);
    return directory;
}

Given download_descriptor(rt::Tickets& tickets, const rt::Attachment& attachment,
                          const fs::path& scratch) {
    if (attachment.size > bundle::largest_descriptor) {
        throw core::Refused(core::reason::xml_limit,
                            core::escaped(attachment.name) + " is too large for a descriptor");
    }
    const fs::path file = made(scratch / "descriptor") / "release.xml";
    tickets.download(attachment, file);
    return bundle::GivenDescriptor{core::read_file(file, bundle::largest_descriptor),
                                   attachment.name};
}

/// A directory for each, because names may repeat and are not ours.
fs::path download_bundle(rt::Tickets& tickets, const std::vector<rt::Attachment>& attachments,
                         const fs::path& scratch) {
    const fs::path directory = made(scratch / "attached");
    fs::path last;
    for (const rt::Attachment& one : attachments) {
        const std::string name = fs::path(fetch::harmless_path(one.name)).filename().string();
        last = made(directory / std::to_string(one.id)) / (name.empty() ? "bundle" : name);
        tickets.download(one, last);
    }
    return part_of(attachments.front()) == Part::archive ? last : directory;
}

core::Bundle read_attached(const core::Cells& cells, const fs::path& path, const fs::path& scratch,
                           const core::BundleLimits& limits, const Given& given,
                           bool given_is_newer) {
    if (given && !given_is_newer) {
        core::Bundle received = bundle::read(cells, path, made(scratch / "bundle"), limits);
        if (!received.descriptor.revision.empty()) return received;
        core::remove_tree(scratch / "bundle");
    }
    return bundle::read(cells, path, made(scratch / "bundle"), limits, given);
}

fetch::Source source_for(const core::Descriptor& descriptor, const std::string& sync_url) {
    fetch::Source listed;
    for (const core::ListedPackage& package : descriptor.packages) {
        const bool known =
            std::find(listed.urls.begin(), listed.urls.end(), package.url) != listed.urls.end();
        if (!package.url.empty() && !known) listed.urls.push_back(package.url);
    }
    if (!listed.urls.empty()) return listed;
    if (!descriptor.sync_url.empty()) {
        return fetch::source_of(descriptor.sync_protocol, descriptor.sync_url);
    }
    if (!sync_url.empty()) return fetch::source_of("", sync_url);
    throw core::Refused(core::reason::source_unknown,
                        "no packages are attached, and neither the descriptor nor the ticket says "
                        "where they are",
                        "Attach an archive with release.xml and the packages, or give the "
                        "packages' URLs, a SynchURL, or the ticket's SyncURL.");
}

}  // namespace

core::Bundle Submission::receive(const HandedIn& chosen, const fs::path& scratch) {
    Given given;
    if (chosen.descriptor) given = download_descriptor(tickets_, *chosen.descriptor, scratch);
    if (!chosen.bundle.empty()) {
        const fs::path path = download_bundle(tickets_, chosen.bundle, scratch);
        return read_attached(cells_, path, scratch, limits_, given, chosen.descriptor_is_newer);
    }
    const std::string& sync_url = chosen.sync_url;
    core::Descriptor descriptor;
    if (given) {
        core::ParsedDescriptor parsed =
            bundle::parse_in_cell(cells_, given->text, given->file_name, limits_);
        if (core::has_errors(parsed.report)) throw core::Refused(parsed.report);
        descriptor = std::move(parsed.descriptor);
    } else if (sync_url.empty()) {
        throw core::Refused(core::reason::descriptor_missing,
                            "nothing is attached that describes a release",
                            "Attach release.xml, or an archive with release.xml and the packages.");
    }
    const fs::path path =
        fetcher_.fetch(source_for(descriptor, sync_url), made(scratch / "fetched"));
    return bundle::read(cells_, path, made(scratch / "bundle"), limits_, given);
}

}  // namespace bridge
