// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/model/reason.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

/// True for the words by which descriptors say "all architectures".
bool is_any(std::string_view architecture) {
    static const std::set<std::string> words{"", "any", "all", "noarch", "n/a"};
    return words.contains(lower(architecture));
}

bool lists(const ListedPackage& listed, const Package& package) {
    if (listed.name != package.name) return false;
    // Providers cut "1.2.3-4" at different places, so the text is compared as a whole.
    std::string text = listed.version;
    if (!listed.release.empty()) text += "-" + listed.release;
    std::string without_epoch = package.version;
    if (!package.release.empty()) without_epoch += "-" + package.release;
    if (text != package.version && text != without_epoch && text != package.full_version()) {
        return false;
    }
    return is_any(listed.architecture) || package.every_architecture || package.source ||
           listed.architecture == package.architecture;
}

/// The listed packages by name: bundles and listings may be long.
class Listing {
  public:
    explicit Listing(const Descriptor& descriptor) {
        for (const ListedPackage& listed : descriptor.packages)
            by_name_.emplace(listed.name, &listed);
    }

    bool names(const Package& package) const { return by_name_.contains(package.name); }

    /// The entries that list the package.
    std::vector<const ListedPackage*> entries(const Package& package) const {
        std::vector<const ListedPackage*> found;
        const auto [begin, end] = by_name_.equal_range(package.name);
        for (auto entry = begin; entry != end; ++entry) {
            if (lists(*entry->second, package)) found.push_back(entry->second);
        }
        return found;
    }

  private:
    std::multimap<std::string_view, const ListedPackage*> by_name_;
};

/// Finds the platform of packages, one at a time.
class Assigner {
  public:
    Assigner(const Configuration& configuration, const Descriptor& descriptor)
        : configuration_(configuration), descriptor_(descriptor), listing_(descriptor) {}

    Report report;

    void assign(BundledPackage& bundled) {
        for (const auto& candidates : {by_listing(bundled), by_descriptor(bundled),
                                       by_directory(bundled), by_tag(bundled)}) {
            if (candidates.size() == 1) {
                bundled.package.platform = *candidates.begin();
                return;
            }
            if (candidates.size() > 1) {
                report.push_back(error_at(
                    bundled.name, reason::platform_ambiguous,
                    fmt::format("{} may be meant for {}", bundled.package.label(),
                                fmt::join(candidates, " or ")),
                    "put it into a directory named after its platform, such as el9/x86_64/"));
                return;
            }
        }
        report.push_back(error_at(
            bundled.name, reason::platform_unknown,
            fmt::format("nothing says for which platform {} is meant", bundled.package.label()),
            fmt::format("name one of {} in the descriptor, or put the package into a directory of "
                        "that name",
                        known(bundled.format))));
    }

    /// Platforms the descriptor names that nobody configured.
    void refuse_unknown_platforms() {
        std::set<std::string> named(descriptor_.platforms.begin(), descriptor_.platforms.end());
        for (const ListedPackage& listed : descriptor_.packages) {
            if (!listed.platform.empty()) named.insert(listed.platform);
        }
        for (const std::string& name : named) {
            if (!resolve(name, {}).empty() || is_any(name)) continue;
            report.push_back(error_at(
                {}, reason::platform_unknown,
                fmt::format("the descriptor names the platform '{}', which is not known here",
                            name),
                fmt::format("known are: {}", known({}))));
        }
    }

  private:
    using Names = std::set<std::string>;

    /// The platforms that answer to a name; all formats if `format` is empty.
    Names resolve(std::string_view name, std::string_view format) const {
        Names found;
        for (const Platform& platform : configuration_.platforms) {
            if (!format.empty() && platform.format != format) continue;
            if (platform.answers_to(name)) found.insert(platform.name);
        }
        return found;
    }

    std::string known(std::string_view format) const {
        std::vector<std::string> names;
        for (const Platform& platform : configuration_.platforms) {
            if (format.empty() || platform.format == format) names.push_back(platform.name);
        }
        return join(names, ", ");
    }

    Names by_listing(const BundledPackage& bundled) const {
        Names found;
        for (const ListedPackage* listed : listing_.entries(bundled.package)) {
            if (!listed->platform.empty()) found.merge(resolve(listed->platform, bundled.format));
        }
        // The same package may be listed for several platforms; then its directory or tag decides.
        return found.size() == 1 ? found : Names();
    }

    Names by_descriptor(const BundledPackage& bundled) const {
        Names found;
        for (const std::string& name : descriptor_.platforms) {
            found.merge(resolve(name, bundled.format));
        }
        return found.size() == 1 ? found : Names();
    }

    Names by_directory(const BundledPackage& bundled) const {
        Names found;
        std::vector<std::string> parts = split(bundled.name, "/");
        if (!parts.empty()) parts.pop_back();
        for (const std::string& part : parts) found.merge(resolve(part, bundled.format));
        return found;
    }

    Names by_tag(const BundledPackage& bundled) const {
        const Package& package = bundled.package;
        const std::string& text = package.release.empty() ? package.version : package.release;
        Names found;
        for (const Platform& platform : configuration_.platforms) {
            if (platform.format != bundled.format) continue;
            for (const std::string& tag : platform.dist_tags) {
                if (has_tag(text, tag)) found.insert(platform.name);
            }
        }
        return found;
    }

    /// ".el9" is in "1.el9" and "1.el9_4.2", not in "1.el95".
    static bool has_tag(std::string_view text, std::string_view tag) {
        for (std::size_t at = text.find(tag); at != std::string_view::npos;
             at = text.find(tag, at + 1)) {
            const std::size_t end = at + tag.size();
            const bool digit_follows = end < text.size() && text[end] >= '0' && text[end] <= '9';
            if (!digit_follows) return true;
        }
        return false;
    }

    const Configuration& configuration_;
    const Descriptor& descriptor_;
    const Listing listing_;
};

std::string listed_label(const ListedPackage& listed) {
    std::string label = listed.name + "-" + listed.version;
    if (!listed.release.empty()) label += "-" + listed.release;
    if (!listed.architecture.empty()) label += "." + listed.architecture;
    return label;
}

/// "argus-1.7.3-1.el9.noarch.rpm" and "argus_1.7.3-1_all.deb" are files of argus 1.7.3.
bool is_file_of(std::string_view file, const ListedPackage& listed) {
    file.remove_prefix(file.rfind('/') + 1);
    if (!listed.file_name.empty() && file == listed.file_name) return true;
    if (!file.starts_with(listed.name)) return false;
    file.remove_prefix(listed.name.size());
    const std::string_view version = listed.version;
    return (file.starts_with('-') || file.starts_with('_')) &&
           file.substr(1).starts_with(version.substr(version.find(':') + 1));
}

/// Whether a file that is by its name the listed package is in the bundle, but was refused.
bool is_refused(const ListedPackage& listed, const Report& report) {
    return std::ranges::any_of(report, [&](const Problem& problem) {
        return problem.severity == Severity::error && is_file_of(problem.where, listed);
    });
}

}  // namespace

Report assign_platforms(const Configuration& configuration, const Descriptor& descriptor,
                        std::vector<BundledPackage>& packages) {
    Assigner assigner(configuration, descriptor);
    assigner.refuse_unknown_platforms();
    for (BundledPackage& bundled : packages) assigner.assign(bundled);
    return std::move(assigner.report);
}

Report compare_with_listing(const Descriptor& descriptor,
                            const std::vector<BundledPackage>& packages, const Report& refused) {
    if (!descriptor.lists_packages || descriptor.packages.empty()) return {};
    std::vector<std::string> missing, unlisted;
    bool versions_differ = false;
    const Listing listing(descriptor);
    std::set<const ListedPackage*> found;
    for (const BundledPackage& bundled : packages) {
        const auto entries = listing.entries(bundled.package);
        found.insert(entries.begin(), entries.end());
        if (!entries.empty()) continue;
        unlisted.push_back(bundled.package.label() + " (" + bundled.name + ")");
        versions_differ = versions_differ || listing.names(bundled.package);
    }
    for (const ListedPackage& listed : descriptor.packages) {
        if (found.contains(&listed) || is_refused(listed, refused)) continue;
        missing.push_back(listed_label(listed));
    }
    if (missing.empty() && unlisted.empty()) return {};
    std::string message;
    if (!missing.empty()) message = "listed but not handed in: " + join(missing, ", ");
    if (!unlisted.empty()) {
        message += message.empty() ? "" : "; ";
        message += "handed in but not listed: " + join(unlisted, ", ");
    }
    return {error_at({}, reason::set_mismatch, std::move(message),
                     versions_differ
                         ? "make the names and versions in the descriptor those of the packages"
                         : "hand in exactly the packages that the descriptor lists")};
}

}  // namespace core
