// SPDX-License-Identifier: GPL-3.0-or-later
// A publication: renders the generation of a plan into a scratch directory, signs it and reads it
// back as a client would. Until the commit moves it into place nobody sees any of it.
#pragma once

#include <filesystem>
#include <future>
#include <memory>

#include "core/backend.hpp"
#include "core/depot.hpp"
#include "core/plan.hpp"
#include "core/signer.hpp"

namespace core {

/// Trusts the depot's key alone, and may not be ready yet.
using AwaitedVerifier = std::shared_future<std::unique_ptr<Verifier>>;

class Publication {
  public:
    Publication(const Depot& depot, const Formats& formats, const Signer& signer,
                AwaitedVerifier verifier)
        : depot_(depot), formats_(formats), signer_(signer), verifier_(std::move(verifier)) {}

    /// Writes the generation of `plan` to `directory`, which must not exist, and returns the state
    /// it records there. `before` is the state it follows. Uses up the rows of the plan, which are
    /// large. Flushing is the caller's.
    State render(Plan& plan, const State& before, Time now,
                 const std::filesystem::path& directory) const;

  private:
    struct Job;

    std::map<std::string, Time> closed(const Plan& plan, const State& before,
                                       const State& next) const;
    Job job_of(RepositoryPlan& plan, const State& before, const State& next) const;
    void compose(Job& job, const std::filesystem::path& directory) const;
    void remember(const Composition& composition) const;
    void sign(const Job& job, const std::filesystem::path& directory) const;
    Report carry_forward(Job& job, const State& before,
                         const std::filesystem::path& directory) const;
    void check(const Job& job, const std::filesystem::path& directory) const;
    void keep(const Repository& repository, const State& before, const State& next,
              const std::filesystem::path& directory) const;
    void check_kept(const Repository& repository, std::uint64_t generation,
                    const std::filesystem::path& directory) const;
    void pin(const Repository& repository, std::uint64_t generation,
             const std::filesystem::path& directory) const;

    const Depot& depot_;
    const Formats& formats_;
    const Signer& signer_;
    const AwaitedVerifier verifier_;
};

/// The name of the file, in each repository, that names its immutable generation.
inline constexpr std::string_view mirror_list = "mirrorlist";
std::string mirror_list_text(const std::string& public_url, const Repository& repository,
                             std::uint64_t generation);

}  // namespace core
