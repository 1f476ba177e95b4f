// SPDX-License-Identifier: GPL-3.0-or-later
// The program, assembled for one depot: the formats sluice knows, the depot's key, the system's
// clock.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "backends/apt/backend.hpp"
#include "backends/yum/backend.hpp"
#include "core/store/depot.hpp"
#include "core/system/cells.hpp"
#include "core/work/operations.hpp"
#include "rt-bridge/command_line/temporary_directory.hpp"
#include "rt-bridge/command_line/terminal.hpp"
#include "signing/signer.hpp"

namespace command_line {

/// What cells are for at the command line: packages, archives, descriptors, documents.
core::CellTasks cell_tasks();

/// Both formats over one cache and pool.
class FormatSet {
  public:
    FormatSet(const core::Cache& cache, const core::Pool& pool, const core::Cells& cells);
    FormatSet(const FormatSet&) = delete;
    FormatSet& operator=(const FormatSet&) = delete;

    const core::Formats& formats() const { return formats_; }

  private:
    yum::YumInspector yum_inspector_;
    yum::YumBackend yum_backend_;
    apt::AptInspector apt_inspector_;
    apt::AptBackend apt_backend_;
    core::Formats formats_;
};

class Program {
    const core::SystemClock clock_;  // before the depot, whose opening may record an outcome

  public:
    Program(const std::filesystem::path& depot, const core::Cells& cells);

    core::Depot depot;

    const core::Formats& formats() const { return formats_.formats(); }
    const core::Cells& cells() const { return cells_; }
    const core::Clock& clock() const { return clock_; }
    const signing::GpgSigner& signer();  // made when it is first asked for: reading needs no key
    core::ProviderKeys provider_keys() const { return core::provider_keys(depot, read_keys_); }
    core::Collaborators collaborators() { return collaborators(formats()); }
    core::Collaborators collaborators(const core::Formats& formats);
    const std::filesystem::path& work() const { return work_; }
    core::Operations operations() { return {depot, collaborators()}; }

  private:
    const core::Cells& cells_;
    FormatSet formats_;
    Progress progress_;
    std::optional<TemporaryDirectory> temporary_;
    const std::filesystem::path work_;  // the depot's; of one who may only read it, a temporary one
    std::shared_ptr<signing::KeyCache> key_cache_;
    std::unique_ptr<signing::GpgSigner> signer_;
    std::optional<core::Scratch> scratch_;
    core::VerifierMaker make_verifier_;
    core::KeyReader read_keys_;
};

}  // namespace command_line
