// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/audit.hpp"

#include <algorithm>

#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace core {
namespace fs = std::filesystem;

void Findings::report(const fs::path& path, std::string message) {
    const std::lock_guard lock(mutex_);
    findings_.push_back({path.lexically_relative(root_).string(), std::move(message)});
}

std::vector<Finding> Findings::in_order() {
    std::ranges::stable_sort(findings_, {}, &Finding::path);
    return std::move(findings_);
}

const Backend& Audit::backend_of(const Repository& repository) const {
    const Platform& platform = depot.configuration.platform(repository.platform);
    return *collaborators.formats.at(platform.format).backend;
}

bool is_own_file(const fs::path& path) {
    return is_file(path, Links::are_seen);
}

void expect_text(Findings& findings, const fs::path& file, const std::string& text) {
    findings.attempt(file, [&] {
        if (!is_own_file(file)) {
            findings.report(file, "is missing");
        } else if (read_file(file) != text) {
            findings.report(file,
                            "is not what the configuration gives; `sluice refresh` writes it anew");
        }
    });
}

void expect_link(Findings& findings, const fs::path& link, const std::string& target,
                 std::string_view remedy) {
    findings.attempt(link, [&] {
        const bool is_link = kind_of(link, Links::are_seen) == Kind::link;
        if (is_link && pointed(link) == target) return;
        findings.report(link, ("is not a link to " + target).append(remedy));
    });
}

}  // namespace core
