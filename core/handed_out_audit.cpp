// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/handed_out_audit.hpp"

#include <fmt/format.h>

#include "core/client_files.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace core {
namespace fs = std::filesystem;

bool is_handed_out(std::string_view file) {
    return fs::path(file).parent_path() == Layout::keys_name ||
           fs::path(file).parent_path() == Layout::client_files_name;
}

std::string HandedOutAudit::expected_key() {
    std::string key = audit_.collaborators.signer.public_key();
    const std::string path = fmt::format("{}/{}", Layout::keys_name, ClientFiles::depot_key_file);
    const auto written = audit_.state.handed_out.find(path);
    if (written == audit_.state.handed_out.end() || !is_own_file(audit_.generation() / path))
        return key;
    std::string published = read_file(audit_.generation() / path);
    if (sha256(published) != written->second) return key;  // told elsewhere
    const std::string fingerprint =
        audit_.collaborators.read_keys(published).keys.front().fingerprint;
    if (fingerprint == audit_.collaborators.signer.fingerprint()) return key;
    signed_by_another_ = true;
    findings_.report(
        depot_.layout.configuration(),
        fmt::format("signing.key is {}, but what is published is signed by {}: run `sluice "
                    "refresh`",
                    audit_.collaborators.signer.fingerprint(), fingerprint));
    return published;
}

void HandedOutAudit::run(const std::optional<ProviderKeys>& keys) {
    expect_link(findings_, depot_.layout.keys(), "current/" + std::string(Layout::keys_name),
                mended_by_refresh);
    expect_link(findings_, depot_.layout.client_files(),
                "current/" + std::string(Layout::client_files_name), mended_by_refresh);
    std::optional<Digests> wanted;
    if (keys) {
        findings_.attempt(depot_.layout.provider_keys(), [&] { wanted = digests_of_today(*keys); });
    }
    Digests made = audit_.state.handed_out;
    if (made.empty() && wanted) made = *wanted;  // of a generation that did not write them down
    for (const auto& [path, digest] : made) expect_digest(audit_.generation() / path, digest);
    for (const std::string& file : names_below(audit_.generation())) {
        if (is_handed_out(file) && !made.contains(file)) {
            findings_.report(audit_.generation() / file, "does not belong there");
        }
    }
    if (wanted) report_outdated(made, *wanted);
}

HandedOutAudit::Digests HandedOutAudit::digests_of_today(const ProviderKeys& keys) const {
    const ClientFiles files(depot_, audit_.collaborators.formats, audit_.collaborators.signer,
                            [&] { return handed_out_keys(depot_, audit_.state, keys); });
    Digests digests;
    for (const auto& [path, text] : files.all(audit_.state)) digests[path] = sha256(text);
    return digests;
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

void HandedOutAudit::report_outdated(const Digests& made, const Digests& wanted) {
    const std::string keys = join(key_changes(made, wanted), ", ");
    if (!keys.empty()) {
        findings_.report(depot_.layout.provider_keys(),
                         "sites do not have these keys yet (" + keys + "): run `sluice refresh`");
    } else if (made != wanted && !signed_by_another_) {
        findings_.report(
            depot_.layout.configuration(),
            "keys and client files are of an older configuration: run `sluice refresh`");
    }
}

}  // namespace core
