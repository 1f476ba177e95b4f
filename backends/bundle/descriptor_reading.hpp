// SPDX-License-Identifier: GPL-3.0-or-later
// What all revisions have in common when a core::Descriptor is made from their elements: looking up
// a value however it is spelt, and saying that it is missing.
#pragma once

#include <array>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "backends/bundle/descriptor_schema.hpp"
#include "backends/bundle/descriptor_survey.hpp"
#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_findings.hpp"
#include "core/model/descriptor.hpp"

namespace bundle {

/// The first child of that name, however it is written; null if there is none.
const Element* find_child(const Element& element, std::string_view name);

/// The value of that attribute, however its name is written; empty if there is none.
std::string find_attribute(const Element& element, std::string_view name);

using PartNames = std::array<std::string_view, 3>;

class Reading {
  public:
    Reading(const Survey& survey, Findings& findings) : survey_(survey), findings_(findings) {}

    /// The text of a child; of the first of several names that has one. Empty: there is none.
    std::string text(const Element& element, std::initializer_list<std::string_view> names) const;

    /// The same on one line, for a name or a version of the release. Without it there is an error.
    std::string mandatory(const Element& element, std::initializer_list<std::string_view> names);

    /// Warns unless one of the names has a text.
    void expect(const Element& element, std::initializer_list<std::string_view> names);

    /// Errors for a name or version that is no name: nothing can be filed under it.
    void check_name(const std::string& value, Place place, const std::string& path);

    /// "5.2.1" of the three elements of revisions E and F, named major, minor, revision.
    std::string version_of_parts(const Element& element, const PartNames& names);

    void read_common(const Element& element, core::Descriptor& descriptor);
    void read_synchronisation(const Element& element, core::Descriptor& descriptor);
    void read_date_of(const Element& element, bool compact, core::Descriptor& descriptor);

    /// Adds a listed package; one that is listed twice is a warning.
    void add_package(core::ListedPackage package, const Element& element,
                     core::Descriptor& descriptor);

    /// Adds those that the descriptor has not got yet.
    void add_targets(const std::vector<std::string>& platforms,
                     const std::vector<std::string>& architectures, core::Descriptor& descriptor);

    void missing(const Element& element, std::string_view name, core::Severity severity);

    std::string path(const Element& element) const;
    Findings& findings() { return findings_; }

  private:
    void report_empty(const Element& element, core::Severity severity);
    void check_parts(const std::vector<std::string>& parts, const PartNames& names,
                     const Element& element);

    const Survey& survey_;
    Findings& findings_;
    std::set<std::tuple<std::string, std::string, std::string, std::string, std::string>> listed_;
    std::set<std::string> platforms_;
    std::set<std::string> architectures_;
    std::set<std::string> links_;
};

/// True for the providers that hand in for practice.
bool is_dry_run_provider(std::string_view provider);

/// Revisions A to D: `packages` are the roots of A, or the packages of a release.
core::Descriptor read_release(Revision revision, const Element& release,
                              const std::vector<const Element*>& packages, Reading& reading);

/// Revision E.
core::Descriptor read_distribution(const Element& release, Reading& reading);

/// Revision F.
core::Descriptor read_product(const Element& release, Reading& reading);

}  // namespace bundle
