// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/handed_out_audit.hpp"

#include <fmt/format.h>

#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/work/client_files.hpp"

namespace core {
namespace fs = std::filesystem;

/// As sites have it; that it was altered is told elsewhere.
std::string HandedOutAudit::published_key() const {
    const std::string path = fmt::format("{}/{}", Layout::keys_name, ClientFiles::depot_key_file);
    const auto written = audit_.state.handed_out.find(path);
    if (written != audit_.state.handed_out.end() && is_own_file(audit_.generation() / path)) {
        std::string text = read_file(audit_.generation() / path);
        if (sha256(text) == written->second) return text;
    }
    return audit_.collaborators.signer.public_key();
}

std::string HandedOutAudit::expected_key() {
    std::string key = audit_.collaborators.signer.public_key();
    std::string published = published_key();
    if (published == key) return key;
    const std::string fingerprint =
        audit_.collaborators.read_keys(published).keys.front().fingerprint;
    const std::string own = audit_.collaborators.signer.fingerprint();
    if (fingerprint == own) {
        findings_.report(depot_.layout.keys(),
                         "sites have the depot's key as it was (with another "
                         "expiry, say): run `sluice refresh`");
        return key;
    }
    findings_.report(
        depot_.layout.configuration(),
        fmt::format("signing.key is {}, but what is published is signed by {}: run `sluice "
                    "refresh`",
                    own, fingerprint));
    return published;
}

void HandedOutAudit::run(const std::map<std::string, std::string>& client_files,
                         const std::optional<ProviderKeys>& keys) {
    expect_link(findings_, depot_.layout.keys(), "current/" + std::string(Layout::keys_name),
                mended_by_refresh);
    audit_keys(keys);
    audit_client_files(client_files);
}

void HandedOutAudit::audit_keys(const std::optional<ProviderKeys>& keys) {
    Digests made = audit_.state.handed_out;
    std::optional<Digests> wanted;
    if (keys) {
        findings_.attempt(depot_.layout.provider_keys(), [&] {
            wanted = key_digests(handed_out_keys(depot_, audit_.state, *keys));
        });
    }
    for (const auto& [path, digest] : made) expect_digest(audit_.generation() / path, digest);
    const fs::path directory = audit_.generation() / Layout::keys_name;
    findings_.attempt(directory, [&] {
        for (const std::string& path : published_keys()) {
            if (made.empty() || made.contains(path)) continue;
            findings_.report(audit_.generation() / path, "does not belong there");
        }
    });
    // Of a generation that did not write them down.
    if (made.empty() && wanted) made = *wanted;
    if (!wanted) return;
    const std::string changes = join(key_changes(made, *wanted), ", ");
    if (changes.empty()) return;
    findings_.report(depot_.layout.provider_keys(),
                     "sites do not have these keys yet (" + changes + "): run `sluice refresh`");
}

std::map<std::string, std::string> HandedOutAudit::client_files() const {
    std::set<std::string> keys;
    for (const auto& [path, digest] : audit_.state.handed_out) keys.insert(path);
    if (keys.empty()) keys = published_keys();  // of a generation that did not write them down
    // Of provider keys they have the names.
    ProviderKeys handed_out;
    for (const std::string& path : keys) {
        const std::string name = fs::path(path).filename();
        if (!name.starts_with(ClientFiles::provider_prefix)) continue;
        handed_out[name.substr(ClientFiles::provider_prefix.size())];
    }
    const ClientFiles files(depot_, audit_.collaborators.formats, published_key(), handed_out);
    return files.all(audit_.state);
}

std::set<std::string> HandedOutAudit::published_keys() const {
    const std::string name(Layout::keys_name);
    std::set<std::string> paths;
    for (const std::string& file : names_below(audit_.generation() / name)) {
        paths.insert(name + "/" + file);
    }
    return paths;
}

void HandedOutAudit::expect_digest(const fs::path& file, const Digest& digest) {
    findings_.attempt(file, [&] {
        if (!is_own_file(file)) {
            findings_.report(file, "is missing");
        } else if (sha256_file(file) != digest) {
            findings_.report(file, "is not what was written; `sluice refresh` writes it anew");
        }
    });
}

/// What leads nowhere waits for gc.
void HandedOutAudit::audit_client_files(const std::map<std::string, std::string>& files) {
    const fs::path directory = depot_.layout.client_files();
    const std::string name(Layout::client_files_name);
    const bool is_link = kind_of(directory, Links::are_seen) == Kind::link;
    if (is_link) expect_link(findings_, directory, "current/" + name, mended_by_refresh);
    std::set<std::string> names;
    for (const auto& [path, text] : files) {
        const std::string file = fs::path(path).filename();
        names.insert(file);
        expect_text(findings_, audit_.generation() / path, text);
        if (is_link) {
            expect_text(findings_, audit_.generation() / name / file, text);
        } else {
            expect_link(findings_, directory / file, relative_link(name, "current/" + path),
                        mended_by_refresh);
        }
    }
    if (is_link) return;
    findings_.attempt(directory, [&] {
        for (const Entry& entry : entries(directory)) {
            const bool waits = entry.kind == Kind::link && !status_of(entry.path);
            if (waits || names.contains(entry.name())) continue;
            findings_.report(entry.path, "does not belong there");
        }
    });
}

}  // namespace core
