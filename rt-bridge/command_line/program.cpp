// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/program.hpp"

#include "backends/apt/package_reader.hpp"
#include "backends/bundle/archive_cell.hpp"
#include "backends/bundle/descriptor_cell.hpp"
#include "backends/bundle/inflate_cell.hpp"
#include "backends/yum/documents_cell.hpp"
#include "backends/yum/package_reader.hpp"
#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/work/package_reading.hpp"
#include "signing/key_cache.hpp"
#include "signing/keys.hpp"
#include "signing/verifier.hpp"

namespace command_line {
namespace fs = std::filesystem;

namespace {

/// The key of a configuration. An empty home is the user's own GnuPG home.
std::unique_ptr<signing::GpgSigner> make_signer(const core::Layout& layout,
                                                const core::Configuration& configuration,
                                                std::shared_ptr<signing::KeyCache> cache) {
    if (configuration.signing_key.empty()) {
        throw core::Error(layout.configuration().string() +
                          ": signing.key is empty; put the fingerprint of the depot's key there");
    }
    const fs::path home =
        configuration.signing_home.empty() ? fs::path() : layout.root / configuration.signing_home;
    return std::make_unique<signing::GpgSigner>(home, configuration.signing_key,
                                                signing::usual_patience, std::move(cache));
}

}  // namespace

core::CellTasks cell_tasks() {
    static const yum::RpmReader rpm;
    static const apt::DebReader deb;
    return {{"rpm", core::reading_task(rpm)},    {"deb", core::reading_task(deb)},
            {"archive", bundle::archive_task()}, {"descriptor", bundle::descriptor_task()},
            {"inflate", bundle::inflate_task()}, {"documents", yum::documents_task()}};
}

FormatSet::FormatSet(const core::Cache& cache, const core::Pool& pool, const core::Cells& cells)
    : yum_inspector_(cache, cells),
      yum_backend_(cache, pool, yum_inspector_),
      apt_inspector_(cache, cells),
      apt_backend_(cache, pool, apt_inspector_),
      formats_{{"yum", {&yum_backend_, &yum_inspector_, "rpm", true, "noarch"}},
               {"apt", {&apt_backend_, &apt_inspector_, "deb", false, "all"}}} {}

Program::Program(const fs::path& root, const core::Cells& cells)
    : depot(core::open_depot(root, clock_)),
      cells_(cells),
      formats_(depot.cache, depot.pool, cells),
      work_(core::may_write(depot.layout.root) ? depot.layout.work() : temporary_.emplace().path()),
      key_cache_(std::make_shared<signing::KeyCache>()),
      read_keys_(signing::key_reader(work_, key_cache_)) {}

const signing::GpgSigner& Program::signer() {
    if (!signer_) signer_ = make_signer(depot.layout, depot.configuration, key_cache_);
    return *signer_;
}

core::Collaborators Program::collaborators(const core::Formats& formats) {
    if (!make_verifier_) {
        scratch_.emplace(work_);
        make_verifier_ = signing::verifier_maker(scratch_->directory(), key_cache_);
    }
    return {formats,
            cells_,
            signer(),
            make_verifier_,
            read_keys_,
            clock_,
            [this](const std::string& what, std::size_t done, std::size_t of) {
                progress_.show(what, done, of);
            }};
}

}  // namespace command_line
