// SPDX-License-Identifier: GPL-3.0-or-later
// Packages are read in cells: the question and the answer, and how far an answer is believed.
#pragma once

#include <filesystem>

#include "core/system/cells.hpp"
#include "core/work/inspector.hpp"

namespace core {

/// The task of the cells that read a format. The reader is borrowed.
CellTask reading_task(const PackageReader& reader);

/// By work: the memory that reading takes grows with the header.
CellLimits reading_limits(const PackageLimits& limits);

/// `format` is the package's, and the name of the task.
CellQuestion reading_question(const std::string& format, const std::filesystem::path& file,
                              const Digest& digest, const InspectionRule& rule);

/// What the answer says. Throws Refused if there is none, or not one that a reader gives.
Inspection inspection_in(const std::optional<std::string>& answer, const Digest& digest,
                         std::uint64_t size);

/// A package of the pool once more, of which the cache has nothing: by a cell of its own, and into
/// the cache. It was sound when it was admitted, so limits do not bind it, and a refusal is damage:
/// an Error.
Inspection read_again(const Cells& cells, const Inspector& inspector, const std::string& format,
                      const std::filesystem::path& file, const Digest& digest);

}  // namespace core
