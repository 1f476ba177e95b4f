// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/inspector.hpp"

#include "backends/apt/apt_parser.hpp"
#include "backends/apt/control.hpp"
#include "backends/apt/deb.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/refusal.hpp"
#include "backends/apt/relation.hpp"
#include "backends/apt/stanza.hpp"
#include "backends/apt/version.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

constexpr std::size_t fragment_count = 2;

struct Inspected {
    core::Package package;
    shards::Fragments fragments;
};

/// The entry in Packages, as apt will read it.
std::string read_stanza(const std::vector<Field>& control, const core::Package& package) {
    std::string text = stanza(control, package);
    if (text.size() > largest_stanza) {
        throw core::Refused(core::reason::control_size,
                            "its entry in Packages would be larger than apt reads",
                            "Shorten the control file.");
    }
    if (count_stanzas(text) != 1) throw core::Error("its entry in Packages is not one");
    if (const std::string objection = apt_objection(text); !objection.empty()) {
        throw core::Refused(core::reason::package_relation,
                            "apt does not read its entry in Packages: " + objection,
                            "Write the control file by Debian Policy 5 and 7.");
    }
    return text;
}

void check_dependencies(const std::vector<Field>& control, const core::PackageLimits& limits) {
    std::uint64_t count = 0;
    for (const Field& field : control) {
        if (!field.value.empty() && is_relation(field.name)) count += count_relations(field.value);
    }
    if (count > limits.dependencies) {
        throw over_limit("it has " + std::to_string(count) + " relations to other packages",
                         "dependencies", limits.dependencies);
    }
}

Inspected read(const std::filesystem::path& file, const core::Digest& digest) {
    const core::PackageLimits limits;
    Deb deb = read_deb(archive::Source::once(file), limits);
    // What is said of a package is said of the bytes that its digest stands for: these, and not
    // those that somebody else read before.
    if (deb.digest != digest) throw core::Error(file.string() + " is damaged: its SHA-256 differs");
    const std::vector<Field> control = parse_control(deb.control);
    check_dependencies(control, limits);
    Inspected inspected;
    inspected.package = describe_package(control);
    inspected.package.digest = digest;
    inspected.package.size = deb.size;
    inspected.fragments = {read_stanza(control, inspected.package), std::move(deb.files)};
    return inspected;
}

}  // namespace

AptInspector::AptInspector(const core::Cache& cache) : cache_(cache) {}

void AptInspector::prepare() const {
    prepare_apt_parser();
}

core::Inspection AptInspector::inspect(const std::filesystem::path& file,
                                       const core::Digest& digest) const {
    Inspected inspected = read(file, digest);
    shards::save_fragments(cache_, digest, inspected.fragments);
    return {std::move(inspected.package), {}};
}

std::strong_ordering AptInspector::compare_versions(std::string_view a, std::string_view b) const {
    return apt::compare_versions(a, b);
}

shards::Fragments AptInspector::fragments(const core::Digest& digest,
                                          const std::filesystem::path& file) const {
    if (auto kept = shards::load_fragments(cache_, digest, fragment_count)) return *std::move(kept);
    try {
        Inspected inspected = read(file, digest);
        shards::save_fragments(cache_, digest, inspected.fragments);
        return std::move(inspected.fragments);
    } catch (const core::Refused& refused) {
        // It was sound when it was admitted: that it is not now is the depot's fault.
        throw core::Error(file.string() + " is damaged: " + refused.what());
    }
}

}  // namespace apt
