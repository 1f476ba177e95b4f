// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/reader.hpp"

#include <iterator>
#include <utility>

#include "backends/bundle/archive_bundle.hpp"
#include "backends/bundle/descriptor_cell.hpp"
#include "backends/bundle/directory.hpp"
#include "backends/bundle/receiver.hpp"
#include "core/model/error.hpp"
#include "core/model/report.hpp"
#include "core/system/entries.hpp"

namespace bundle {
namespace fs = std::filesystem;
namespace {

void read_members(const core::Cells& cells, const fs::path& path, const core::BundleLimits& limits,
                  Scratch& scratch, Receiver& receiver) {
    const auto kind = core::kind_of(path);
    if (!kind) throw core::Error("there is no " + path.string());
    if (kind == core::Kind::directory) {
        read_directory(path, limits, receiver);
    } else {
        read_archive(cells, path, limits, scratch, receiver);
    }
}

/// What stopped the reading, behind all that was found before.
core::Refused with_findings(const core::Refused& refused, const fs::path& path,
                            core::Report report) {
    report.push_back(
        core::error_at(path.filename().string(), refused.code(), refused.what(), refused.remedy()));
    return core::Refused(std::move(report));
}

core::Problem no_package(const fs::path& path) {
    return core::error_at(path.filename().string(), core::reason::bundle_empty,
                          "there is no package in the bundle",
                          "put the .rpm and .deb files into it");
}

}  // namespace

archive::Limits container_limits(const core::BundleLimits& limits) {
    archive::Limits container;
    container.members = limits.members;
    container.names = limits.names_mb << 20;
    container.bytes = limits.total_mb << 20;
    container.member_bytes = limits.member_mb << 20;
    container.ratio = limits.unpacked_ratio;
    container.ratio_after = limits.unpacked_mb << 20;
    container.bzip2_work = 4;  // it takes so much longer than the others
    container.bundle_settings = true;
    return container;
}

core::Bundle read(const core::Cells& cells, const fs::path& path, const fs::path& scratch_directory,
                  const core::BundleLimits& limits, const std::optional<GivenDescriptor>& given) {
    const auto flusher = std::make_shared<core::Flusher>();
    Scratch scratch(scratch_directory, *flusher);
    Receiver receiver(cells, scratch, limits);
    try {
        read_members(cells, path, limits, scratch, receiver);
    } catch (const core::Refused& refused) {
        throw with_findings(refused, path, receiver.report());
    }
    const auto inside = receiver.choose_descriptor(given.has_value());
    const auto& descriptor = given ? given : inside;
    core::Bundle bundle = receiver.finish();
    bundle.scratch = scratch_directory;
    bundle.flusher = flusher;
    if (bundle.packages.empty()) bundle.report.push_back(no_package(path));
    if (descriptor) {
        auto parsed = parse_in_cell(cells, descriptor->text, descriptor->file_name, limits);
        bundle.descriptor = std::move(parsed.descriptor);
        bundle.descriptor_text = descriptor->text;
        if (!bundle.packages.empty()) {
            // Here they are, whatever the descriptor says of where to get them.
            std::erase_if(parsed.report, [](const core::Problem& problem) {
                return problem.code == core::reason::packages_not_listed;
            });
        }
        std::move(parsed.report.begin(), parsed.report.end(), std::back_inserter(bundle.report));
    }
    scratch.hand_over();
    return bundle;
}

}  // namespace bundle
