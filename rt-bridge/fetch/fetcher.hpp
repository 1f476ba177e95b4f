// SPDX-License-Identifier: GPL-3.0-or-later
// Gets a bundle from where a descriptor or ticket says it is, into a scratch directory that the
// bundle reader can read. What a provider's server does wrong is Refused, with one of the codes
// download-failed, download-forbidden, download-limit, download-mismatch, download-content,
// repository-invalid, repository-unsigned, repository-expired, source-replayed, or that of a
// signature. What our own machine does wrong is an Error.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/model/clock.hpp"
#include "core/system/cells.hpp"
#include "core/work/signer.hpp"
#include "rt-bridge/fetch/index.hpp"
#include "rt-bridge/fetch/seen_sources.hpp"
#include "rt-bridge/fetch/source.hpp"
#include "rt-bridge/http/client.hpp"

namespace fetch {

struct Bounds {
    std::uint64_t file_bytes = 4ull << 30;
    std::uint64_t total_bytes = 16ull << 30;
    std::size_t files = 5000;
    IndexLimits indexes;  // of a repository; of files, the number above counts
    std::chrono::seconds time{2 * 3600};
};

struct Settings {
    http::Access access;  // with "rsync" among the schemes, if that is wanted
    http::Limits limits{.total = std::chrono::hours(1)};
    Bounds bounds;
    std::filesystem::path authorities;  // as http::Client takes it
};

/// Repositories must be signed by a key that the verifier trusts, and not be older than what was
/// seen. Both are borrowed.
struct Trust {
    const core::Verifier& verifier;
    SeenSources& seen;
};

class Fetcher {
  public:
    /// Without trust no key is configured, and signatures are not looked at. Cells have the task
    /// "index".
    Fetcher(Settings settings, const core::Clock& clock, const core::Cells& cells,
            std::optional<Trust> trust = std::nullopt, http::Progress progress = {});

    /// `directory` exists and is empty. Returns what the bundle reader shall read: the directory,
    /// or the one archive in it. When this throws the directory may hold files; the caller removes
    /// it.
    std::filesystem::path fetch(const Source& source, const std::filesystem::path& directory);

  private:
    Settings settings_;
    const core::Clock& clock_;
    const core::Cells& cells_;
    std::optional<Trust> trust_;
    http::Progress progress_;
};

}  // namespace fetch
