// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/archive_bundle.hpp"

#include <optional>
#include <string>
#include <vector>

#include "backends/bundle/archive_cell.hpp"
#include "core/system/parallel.hpp"

namespace bundle {
namespace fs = std::filesystem;
namespace {

/// A member, between the cell and the receiver.
struct Arrived {
    std::string name;
    fs::path file;  // none: it has no bytes
    std::optional<core::Problem> problem;
};

std::vector<Arrived> members_of(const core::Cells& cells, const fs::path& path,
                                const core::BundleLimits& limits, Scratch& scratch,
                                Receiver& receiver) {
    ArchiveCell archive(cells, path, limits);
    std::vector<Arrived> members;
    while (const auto member = archive.next()) {
        Arrived arrived{member->name, {}, receiver.find_problem(*member)};
        if (!arrived.problem && member->type == archive::Type::directory) continue;
        if (!arrived.problem && member->size > 0) {
            Scratch::Opened opened = scratch.create();
            archive.copy(std::move(opened.file));
            arrived.file = std::move(opened.path);
        }
        members.push_back(std::move(arrived));
    }
    return members;
}

}  // namespace

void read_archive(const core::Cells& cells, const fs::path& path, const core::BundleLimits& limits,
                  Scratch& scratch, Receiver& receiver) {
    std::vector<Arrived> members = members_of(cells, path, limits, scratch, receiver);
    std::vector<Receiver::Received> received(members.size());
    core::parallel_for(members.size(), [&](std::size_t i) {
        if (members[i].problem) return;
        received[i] = receiver.take_in(members[i].name, members[i].file);
    });
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i].problem) {
            receiver.add(*std::move(members[i].problem));
        } else {
            receiver.take(std::move(received[i]));
        }
    }
}

}  // namespace bundle
