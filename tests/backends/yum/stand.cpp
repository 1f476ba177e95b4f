// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backends/yum/stand.hpp"

#include <algorithm>

#include "core/system/files.hpp"

namespace stand {
namespace fs = std::filesystem;
using workshop::must_run;
using workshop::quoted;

Key::Key() : gpg_("GNUPGHOME=" + quoted(home_.path().string()) + " gpg --batch --quiet ") {
    must_run(gpg_ + "--passphrase '' --quick-generate-key depot@example.org ed25519 sign never");
}

Key::~Key() {
    workshop::run("GNUPGHOME=" + quoted(home_.path().string()) + " gpgconf --kill all");
}

std::string Key::signature(const fs::path& file) const {
    return must_run(gpg_ + "--armor --detach-sign --output - " + quoted(file.string()));
}

std::string Key::public_key() const {
    return must_run(gpg_ + "--armor --export");
}

core::Verdict Key::check_detached(std::string_view bytes, std::string_view signature) const {
    const std::string data = home_.file("data", std::string(bytes)).string();
    const std::string mark = home_.file("mark", std::string(signature)).string();
    core::Verdict verdict;
    const auto outcome = workshop::run(gpg_ + "--verify " + quoted(mark) + " " + quoted(data));
    verdict.status = outcome.status == 0 ? core::Verdict::Status::good : core::Verdict::Status::bad;
    return verdict;
}

core::Verdict Key::check_clear_text(std::string_view, std::string&) const {
    return {};
}

Stand::Stand() {
    for (const char* name : {"cache", "pool"}) core::make_directories(scratch / name);
}

const Key& Stand::key() {
    if (!key_) key_ = std::make_unique<Key>();
    return *key_;
}

core::Package Stand::admit(const std::string& file_name) {
    const fs::path original = workshop::package(file_name);
    const core::Digest digest = core::sha256_file(original);
    core::Package package = inspector.inspect(original, digest, {}).package;
    package.platform = "el9";
    fs::copy_file(original, scratch / "incoming", fs::copy_options::overwrite_existing);
    pool.adopt(scratch / "incoming", digest, "rpm");
    return package;
}

core::Row Stand::document(const std::string& name, const std::string& bytes) {
    const core::Digest digest = core::sha256(bytes);
    pool.adopt(scratch.file("incoming", bytes), digest, "xml");
    return {name, name, "", "", digest};
}

core::Row Stand::row(const core::Package& package) {
    return {package.path,         package.name,   package.full_version(),
            package.architecture, package.digest, "argus-1.7.3"};
}

core::Composed Stand::publish(const fs::path& directory, const std::vector<core::Package>& packages,
                              const std::map<std::string, core::Rows>& documents) {
    core::make_directories(directory);
    core::Composition composition;
    composition.repository = {"production", "umd5", "", "el9", "x86_64"};
    composition.platform = el9();
    composition.generation = ++generation;
    composition.form = form;
    composition.date = core::parse_time("2026-01-02T03:04:05Z");
    composition.indexes = documents;
    core::Rows& rows = composition.indexes["packages"];
    for (const core::Package& package : packages) {
        rows.push_back(row(package));
        const fs::path place = directory / package.path;
        core::make_directories(place.parent_path());
        core::hard_link(pool.file(package.digest, "rpm"), place);
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    core::Composed composed = backend.compose(composition, directory);
    for (const core::SigningTask& task : composed.signing) {
        core::write_file(directory / task.output, key().signature(directory / task.file));
    }
    return composed;
}

core::Platform el9() {
    core::Platform platform;
    platform.name = "el9";
    platform.format = "yum";
    platform.architectures = {"x86_64", "aarch64"};
    return platform;
}

core::Release release(const std::string& id, std::vector<core::Package> packages) {
    core::Release release;
    release.id = id;
    release.line = "umd5";
    release.product = "argus";
    release.version = "1.7.3";
    release.admitted = core::parse_time("2026-11-22T14:48:57Z");
    release.descriptor.provider = "INFN";
    release.descriptor.release_notes = "Fixes CVE-2026-1 & <more>.";
    release.descriptor.change_log = "- one\n- two";
    release.packages = std::move(packages);
    return release;
}

}  // namespace stand
