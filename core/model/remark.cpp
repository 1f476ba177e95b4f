// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/remark.hpp"

#include <algorithm>

#include "core/model/provider.hpp"

namespace core {

void add_remark(Remarks& remarks, std::string_view kind, std::string_view of) {
    auto found = std::ranges::find(remarks, kind, &Remark::kind);
    if (found == remarks.end()) {
        found = remarks.insert(found, {std::string(kind), {}});
    }
    const std::string_view begin = of.substr(0, longest_remarked);
    if (std::ranges::find(found->of, begin) != found->of.end()) return;
    if (found->of.size() < most_remarked) {
        found->of.emplace_back(begin);
    } else {
        ++found->more;
    }
}

const std::vector<std::string>& default_base_packages() {
    static const std::vector<std::string> names{
        // Debian
        "apt", "base-files", "base-passwd", "ca-certificates", "dash", "debian-archive-keyring",
        "dpkg", "gpgv", "init", "init-system-helpers", "libc-bin", "libc6", "libgcc-s1",
        "libpam-modules", "libpam0g", "libssl3", "libssl3t64", "libstdc++6", "login", "mount",
        "openssh-client", "passwd", "perl-base", "systemd-sysv", "udev", "zlib1g",
        // RPM
        "crypto-policies", "dnf", "dnf5", "filesystem", "glibc", "glibc-common", "gnupg2", "kernel",
        "kernel-core", "libc.so.6", "libdnf", "libgcc", "librepo", "libsolv", "libstdc++",
        "microdnf", "openssh", "openssh-clients", "openssl-libs", "pam", "rpm", "rpm-libs",
        "selinux-policy", "setup", "shadow-utils", "system-release", "systemd-libs", "systemd-udev",
        "yum", "zypper",
        // Both
        "bash", "coreutils", "openssh-server", "openssl", "python3", "sudo", "systemd",
        "util-linux"};
    return names;
}

const std::vector<std::string>& default_usual_places() {
    // Not among them: /home and /root are people's; /boot, /dev, /proc and /sys the system's; /run
    // and /tmp are made anew by each boot; /usr/local is in
    // a usual place, as much as old products are there.
    static const std::vector<std::string> places{
        "/bin",     "/etc",     "/lib",     "/lib32",     "/lib64",     "/libx32",
        "/opt",     "/sbin",    "/srv",     "/usr",       "/var/cache", "/var/games",
        "/var/lib", "/var/log", "/var/opt", "/var/spool", "/var/www"};
    return places;
}

bool RemarkRule::is_base(std::string_view package) const {
    return std::ranges::any_of(
        base_packages, [&](const std::string& pattern) { return matches(pattern, package); });
}

bool RemarkRule::is_usual(std::string_view path) const {
    return std::ranges::any_of(usual_places, [&](const std::string& place) {
        return path.starts_with(place) &&
               (path.size() == place.size() || path[place.size()] == '/');
    });
}

}  // namespace core
