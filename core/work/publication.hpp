// SPDX-License-Identifier: GPL-3.0-or-later
// A publication: renders the generation of a plan into a scratch directory, signs it and reads it
// back as a client would. Until the commit moves it into place nobody sees any of it.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/store/depot.hpp"
#include "core/store/provider_keys.hpp"
#include "core/system/flusher.hpp"
#include "core/work/backend.hpp"
#include "core/work/plan.hpp"
#include "core/work/signer.hpp"

namespace core {

/// Trusts the depot's key alone, and may not be ready yet.
using AwaitedVerifier = std::shared_future<std::unique_ptr<Verifier>>;

/// The repository of a plan as it was rendered.
struct Rendered {
    Repository repository;
    std::string place;              // in the generation
    std::set<std::string> lasting;  // files named by their content, below the place
};

/// A generation that was rendered.
struct Rendering {
    State state;
    std::vector<Rendered> repositories;
    std::set<std::string> client_files;  // to be offered, by their paths in it
};

class Publication {
  public:
    /// `provider_keys` gives those that are handed out; it is called beside other work.
    Publication(const Depot& depot, const Formats& formats, const Signer& signer,
                AwaitedVerifier verifier, std::function<ProviderKeys()> provider_keys,
                Flusher& flusher)
        : depot_(depot),
          formats_(formats),
          signer_(signer),
          verifier_(std::move(verifier)),
          provider_keys_(std::move(provider_keys)),
          flusher_(flusher) {}

    /// Writes the generation of `plan`, with state.json, to `directory`, which must not exist.
    /// `before` is the state it follows. Uses up the rows of the plan, which are large. The flusher
    /// gets the files; the directories are the caller's.
    Rendering render(Plan& plan, const State& before, Time now,
                     const std::filesystem::path& directory) const;

  private:
    struct Job;

    std::map<std::string, Time> closed(const Plan& plan, const State& before,
                                       const State& next) const;
    Job job_of(RepositoryPlan& plan, const State& before, const State& next) const;
    void add_rest(Rendering& rendering, const std::vector<Job>& jobs, const Plan& plan,
                  const State& before, const std::filesystem::path& directory) const;
    std::set<std::string> link_unchanged(const std::vector<Job>& jobs, const Plan& plan,
                                         const State& before, const State& next,
                                         const std::map<std::string, State>& parts,
                                         const std::filesystem::path& directory) const;
    void compose(Job& job, const std::filesystem::path& directory) const;
    void save_rosters(const Composition& composition) const;
    void sign(const Job& job, const std::filesystem::path& directory) const;
    void check(const Job& job, const std::filesystem::path& directory) const;
    void write_mirrorlist(const Job& job, const std::filesystem::path& directory) const;

    const Depot& depot_;
    const Formats& formats_;
    const Signer& signer_;
    const AwaitedVerifier verifier_;
    const std::function<ProviderKeys()> provider_keys_;
    Flusher& flusher_;
};

/// The name of the file, in each repository, that names its immutable generation.
inline constexpr std::string_view mirror_list = "mirrorlist";
/// `place` is where the repository really stands, below public/ (generation_tree.hpp).
std::string mirror_list_text(const std::string& public_url, const std::string& place);

/// From a repository that stands there to the directory where its packages are.
std::string packages_link(const Repository& repository, const std::string& place,
                          const Backend::Shape& shape);

}  // namespace core
