// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of an .rpm file: lead, signature header, main header, payload. Read by us, in bounds,
// before any library sees a byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backends/archive/source.hpp"
#include "core/model/digest.hpp"
#include "core/model/package_limits.hpp"
#include "core/system/files.hpp"

namespace yum {

/// What is read of a package. The payload is hashed while it passes; nothing of it is kept.
struct RpmFile {
    std::string signature;           // counts, index and data of the signature header
    std::string header;              // the main header with its magic: what signatures cover
    std::uint64_t header_start = 0;  // offset of the main header in the file
    std::uint64_t header_end = 0;
    std::uint64_t size = 0;       // of the whole file
    core::Digest digest;          // likewise, of the very bytes that were read
    core::Digest payload_digest;  // of everything after the main header

    /// The main header without its magic, as HeaderView and librpm want it.
    std::string_view header_blob() const { return std::string_view(header).substr(8); }
};

/// Reads the file once, from its begin to its end. Throws Refused (package-corrupt,
/// package-unsupported, package-limit) if the file has not the form of an RPM.
RpmFile read_rpm_file(const archive::Source& file, const core::PackageLimits& limits);

/// The main header with its magic, of a package that was read, and nothing else looked at.
std::string main_header(core::File file);

}  // namespace yum
