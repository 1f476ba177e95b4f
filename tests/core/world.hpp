// SPDX-License-Identifier: GPL-3.0-or-later
// A depot with everything around it: a clock of the test's, a format without a library, a signer
// without a key, providers who hand in bundles.
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "core/audit/auditor.hpp"
#include "core/work/collector.hpp"
#include "core/work/operations.hpp"
#include "tests/core/plain_format.hpp"
#include "tests/scratch.hpp"

namespace core_test {

class OwnClock : public core::Clock {
  public:
    core::Time now() const override { return time; }
    core::Time time = core::parse_time("2026-11-22T12:00:00Z");
};

/// umd5 and umd4 with the platform el9 of x86_64 and aarch64, and debian12 of amd64.
std::string plain_configuration(const std::string& more = {});

/// One line, one platform, one tree: for steps that are tried many times.
inline constexpr const char* one_tree = R"(
[[line]]
name = "umd5"
signatures = "allow-unsigned"
[[platform]]
name = "el9"
format = "yum"
architectures = ["x86_64"]
)";

/// A directory with everything below it: files as hard links, symbolic links as they are.
inline void linked_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    using std::filesystem::copy_options;
    std::filesystem::copy(
        from, to,
        copy_options::recursive | copy_options::create_hard_links | copy_options::copy_symlinks);
}

class World {
  public:
    explicit World(const std::string& configuration = plain_configuration());

    /// Opens the depot anew, as the next command does.
    void reopen();
    core::Operations operations();
    core::Collaborators collaborators();

    /// A received bundle; each package is "name version architecture" in the directory el9/, or
    /// another if its text begins with "directory/ ".
    core::Bundle bundle(const std::string& product, const std::string& version,
                        const std::vector<std::string>& packages);

    core::Operations::Admitted admit(const std::string& product, const std::string& version,
                                     const std::vector<std::string>& packages,
                                     const std::string& line = {});
    std::string admitted(const std::string& product, const std::string& version,
                         const std::vector<std::string>& packages, const std::string& line = {});
    core::Outcome promote(const std::string& release, const std::string& stage);

    /// As if the present generation had always said so.
    void write_state(const core::State& state);

    core::Standing standing() const { return depot->state().standing; }
    core::Collected gc(bool dry_run = false);
    std::vector<core::Finding> verify();
    std::string findings();  // all in one text; empty: the depot is sound

    /// The packages a site sees in a stage: paths in the index of el9 x86_64.
    std::vector<std::string> seen(const std::string& stage,
                                  const std::string& place = "umd5/el9/x86_64") const;

    /// All files and links below the depot that are not scratch or cache, with their content.
    std::map<std::string, std::string> everything() const;

    std::filesystem::path published(const std::string& path) const {
        return depot->layout.public_tree() / path;
    }

    tests::Scratch directory = tests::Scratch::in_memory();
    OwnClock clock;
    Calls calls;
    const core::Cells* cells = &plain_cells();
    PlainInspector inspector;
    PlainBackend backend{calls};
    core::Formats formats;
    PlainSigner signer{"DEPOT", calls};
    core::VerifierMaker make_verifier{plain_verifiers(calls)};
    core::KeyReader read_keys{plain_keys};
    core::Asked asked{.by = "test", .reason = "because", .cause = {}};
    core::Introduction introduction;       // of what is admitted
    std::vector<std::string> waived_keys;  // of promotions
    std::function<void(const std::string&)> progress = [](const std::string&) {};
    std::optional<core::Depot> depot;
    std::optional<core::Scratch> scratch;

  private:
    int received_ = 0;
};

}  // namespace core_test
