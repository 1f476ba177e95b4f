// SPDX-License-Identifier: GPL-3.0-or-later
// A bundle after it was received: every byte is in a scratch file of ours, under a name of ours.
// And the candidate that it becomes once it passed every check that needs no lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/model/descriptor.hpp"
#include "core/model/digest.hpp"
#include "core/model/problem.hpp"
#include "core/model/release.hpp"
#include "core/model/state.hpp"
#include "core/system/flusher.hpp"

namespace core {

/// A file that is handed in, by its content (not by its name) a package or a document; or a
/// document that was made from it.
struct ReceivedFile {
    std::filesystem::path file;  // in scratch, hashed while it was written
    Digest digest;
    std::uint64_t size = 0;
    std::string name;  // as the provider named it, directories included; for messages and platform
    std::string format;  // "rpm", "deb"; of documents "comps", "updateinfo", or "xml" if made here
};

struct Bundle {
    Descriptor descriptor;
    std::string descriptor_text;  // the document itself, unchanged
    std::vector<ReceivedFile> packages;
    std::vector<ReceivedFile> documents;
    std::filesystem::path scratch;  // where those files are; what is made for it comes there too
    std::shared_ptr<Flusher> flusher = std::make_shared<Flusher>();  // has them
    Report report;  // findings so far; errors are in it too, so that all are told at once
};

/// What the commit of an admission takes in.
struct Candidate {
    Release release;                     // without id and operation
    Report report;                       // warnings only
    std::vector<ReceivedFile> files;     // of its packages and documents
    std::shared_ptr<Flusher> flusher{};  // has them
    Standing compared{};                 // the releases that none of its ids was taken from
};

}  // namespace core
