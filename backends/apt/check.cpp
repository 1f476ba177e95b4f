// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a finished repository as apt does: the signatures, and what they cover.
#include <algorithm>
#include <cstring>
#include <future>
#include <set>

#include "backends/apt/backend.hpp"
#include "backends/apt/contents.hpp"
#include "backends/apt/pdiff.hpp"
#include "backends/apt/release_file.hpp"
#include "backends/shards/gzip.hpp"
#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace apt {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view patches_suffix = "/Packages.diff/Index";
constexpr const char* gzip_suffix = ".gz";

core::Error wrong(const fs::path& file, const std::string& what) {
    return core::Error(file.string() + ": " + what);
}

void require_good(const core::Verdict& verdict, const fs::path& file) {
    if (!verdict.good()) throw wrong(file, "its signature does not hold: " + verdict.detail);
}

std::string_view without_last_newline(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

/// That both signatures hold, and are of this text of Release.
void check_signatures(const std::string& release, const fs::path& suite,
                      const core::Verifier& verifier) {
    // Each starts gpg: both at once.
    auto detached = std::async(std::launch::async, [&] {
        return verifier.check_detached(release, core::read_file(suite / "Release.gpg"));
    });
    std::string signed_text;
    const core::Verdict clear =
        verifier.check_clear_text(core::read_file(suite / "InRelease"), signed_text);
    require_good(detached.get(), suite / "Release.gpg");
    require_good(clear, suite / "InRelease");
    // The end of the last line is no part of a clear-signed text (RFC 4880 §7.1).
    if (without_last_newline(signed_text) != without_last_newline(release)) {
        throw wrong(suite / "InRelease", "says something else than Release");
    }
}

const std::string& field_of(const ReleaseFile& release, const char* name, const fs::path& suite) {
    const auto field = release.fields.find(name);
    if (field == release.fields.end()) throw wrong(suite / "Release", std::string("no ") + name);
    return field->second;
}

void check_dates(const ReleaseFile& release, const fs::path& suite) {
    const auto date = [&](const char* name) {
        return core::with_context(suite.string(),
                                  [&] { return parse_rfc2822(field_of(release, name, suite)); });
    };
    if (date("Date") >= date("Valid-Until")) throw wrong(suite / "Release", "expires at its Date");
}

void check_content(const fs::path& file, const Listed& listed) {
    if (core::size_of(file) != listed.size) throw wrong(file, "is not of its size");
    if (core::sha256_file(file) != listed.digest) throw wrong(file, "is not of its SHA-256");
}

/// Both names of a listed file; one reading is enough where they are one file.
void check_file(const fs::path& suite, const Listed& listed) {
    const fs::path file = suite / listed.path;
    const fs::path by_hash = file.parent_path() / "by-hash" / "SHA256" / listed.digest.hex();
    check_content(file, listed);
    if (!core::same_file(file, by_hash)) check_content(by_hash, listed);
}

void check_patch(const fs::path& file, const Patch& patch) {
    if (core::size_of(file) != patch.gzip.size) throw wrong(file, "is not of its size");
    const std::string bytes = core::read_file(file);
    if (core::sha256(bytes) != patch.gzip.digest) throw wrong(file, "is not of its SHA-256");
    const auto script = shards::text_of_member(bytes, patch.script.size);
    if (!script || core::sha256(*script) != patch.script.digest) {
        throw wrong(file, "does not hold what the index of patches says");
    }
}

/// That the patches lead from one state to the next and to the present one. They are not applied:
/// what they are for is not here any more, and a client that gets something else by them drops it
/// and fetches the whole file.
void check_patches(const fs::path& suite, const ReleaseFile& release, const Listed& listed) {
    const fs::path file = suite / listed.path;
    const DiffIndex index =
        core::with_context(file.string(), [&] { return parse_diff_index(core::read_file(file)); });
    const std::string packages =
        listed.path.substr(0, listed.path.size() - patches_suffix.size()) + "/Packages";
    const bool leads_there = std::ranges::any_of(release.listed, [&](const Listed& other) {
        return other.path == packages && Content{other.digest, other.size} == index.current;
    });
    if (!leads_there) throw wrong(file, "does not lead to " + packages);
    std::set<core::Digest> states{index.current.digest};
    for (const Patch& patch : index.patches) {
        if (!states.insert(patch.from.digest).second) throw wrong(file, "leads in a circle");
        check_patch(file.parent_path() / (patch.name + ".gz"), patch);
    }
}

/// The open form of an index, which is listed and not there; check_forms() sees to the other.
bool only_listed(const std::string& path) {
    return path.ends_with("/Packages") || (is_contents(path) && !path.ends_with(gzip_suffix));
}

/// That what is there opens to the form that is only listed.
void check_contents(const fs::path& suite, const ReleaseFile& release, const Listed& listed) {
    const std::string open(listed.path, 0, listed.path.size() - std::strlen(gzip_suffix));
    const auto text = std::ranges::find(release.listed, open, &Listed::path);
    if (text == release.listed.end()) throw wrong(suite / "Release", "does not list " + open);
    core::Hasher hasher;
    const bool whole = shards::open_members(core::read_file(suite / listed.path), text->size,
                                            [&](std::string_view part) { hasher.update(part); });
    if (!whole || hasher.finish() != text->digest) {
        throw wrong(suite / listed.path, "does not hold what Release says");
    }
}

/// apt takes an index whose open form is not listed as absent, and says nothing.
void check_forms(const ReleaseFile& release, const fs::path& suite) {
    std::set<std::string> paths;
    for (const Listed& listed : release.listed) paths.insert(listed.path);
    const bool contents = std::ranges::any_of(paths, is_contents);
    for (const std::string& component : core::split(field_of(release, "Components", suite), " ")) {
        for (const std::string& arch :
             core::split(field_of(release, "Architectures", suite), " ")) {
            const std::string index = component + "/binary-" + arch;
            std::vector<std::string> open{index + "/Packages"};
            if (contents) open.push_back(contents_of(index));
            for (const std::string& path : open) {
                for (const std::string& form : {path, path + gzip_suffix}) {
                    if (paths.contains(form)) continue;
                    throw wrong(suite / "Release", "does not list " + form);
                }
            }
        }
    }
}

/// What Release says of itself and of the files beside it.
void check_listed(const std::string& text, const fs::path& suite) {
    const ReleaseFile release =
        core::with_context(suite.string(), [&] { return parse_release(text); });
    check_dates(release, suite);
    check_forms(release, suite);
    core::parallel_for(release.listed.size(), [&](std::size_t i) {
        const Listed& listed = release.listed[i];
        if (only_listed(listed.path)) return;
        check_file(suite, listed);
        if (is_contents(listed.path)) check_contents(suite, release, listed);
        if (listed.path.ends_with(patches_suffix)) check_patches(suite, release, listed);
    });
}

/// The files are read while gpg starts; a signature that does not hold is told before all else.
void check_suite(const fs::path& suite, const core::Verifier& verifier) {
    const std::string release = core::read_file(suite / "Release");
    core::parallel_for(2, [&](std::size_t i) {
        if (i == 0) return check_signatures(release, suite, verifier);
        check_listed(release, suite);
    });
}

}  // namespace

void AptBackend::check(const fs::path& directory, const core::Verifier& verifier) const {
    const auto suites = core::entries(directory / "dists", core::Absent::is_empty);
    if (suites.empty()) throw wrong(directory, "holds no apt repository");
    for (const core::Entry& suite : suites) check_suite(suite.path, verifier);
}

}  // namespace apt
