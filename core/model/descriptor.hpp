// SPDX-License-Identifier: GPL-3.0-or-later
// What a provider says of a release: the content of a release.xml, whatever its revision.
// Read by backends/bundle; revisions are listed in backends/bundle/README.md.
#pragma once

#include <string>
#include <vector>

#include "core/model/problem.hpp"

namespace core {

/// One package as a descriptor lists it. Empty fields were not given.
struct ListedPackage {
    std::string name;
    std::string version;
    std::string release;
    std::string architecture;
    std::string platform;  // as the provider calls it; resolved against the configuration's aliases
    std::string file_name;
    std::string url;
    int line = 0;  // in the descriptor

    bool operator==(const ListedPackage&) const = default;
};

/// An element or attribute as it stood in the document; kept so that nothing is lost.
struct DescriptorField {
    std::string path;  // "Release/Package[2]/License"; attributes as "…/package/@arch"
    std::string value;

    bool operator==(const DescriptorField&) const = default;
};

struct Descriptor {
    std::string revision;  // "A" … "F"; empty: there was no descriptor
    std::string product;
    std::string version;  // free text, one word
    std::string provider;
    std::string contact;
    std::string description;
    std::string date;  // normalised to YYYY-MM-DD; empty: none or unreadable
    std::string release_notes;
    std::string change_log;
    std::string sync_protocol;
    std::string sync_url;
    std::vector<std::string> documentation_links;
    std::vector<std::string> platforms;      // of the whole release, as the provider calls them
    std::vector<std::string> architectures;  // likewise
    bool emergency = false;
    bool incremental = false;
    bool dry_run = false;         // the provider is EMIDRY or IGEDRY
    bool lists_packages = false;  // the revision names package files one by one
    std::vector<ListedPackage> packages;
    std::vector<DescriptorField> fields;  // everything, in document order

    bool operator==(const Descriptor&) const = default;
};

/// With errors in the report: what could be read nevertheless.
struct ParsedDescriptor {
    Descriptor descriptor;
    Report report;
};

}  // namespace core
