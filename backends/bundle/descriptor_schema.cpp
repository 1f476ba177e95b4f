// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/descriptor_schema.hpp"

#include <algorithm>
#include <array>

#include "backends/bundle/xml_findings.hpp"
#include "core/model/text.hpp"

namespace bundle {
namespace {

constexpr Rule link_rules[] = {{"DocumentationLink", Kind::url, true}};
constexpr Schema links{link_rules, {}};

// A to D know one set of package fields, of which each uses some: A and B give the notes by
// address, D as text.
constexpr Rule package_rules[] = {
    {"Name"},
    {"Type"},
    {"SoftwareProvider"},
    {"SoftwareComponent"},
    {"TechnologyProvider"},
    {"Creator", Kind::contact},
    {"Contact", Kind::contact},
    {"Description", Kind::notes},
    {"SLDType"},
    {"License"},
    {"Keywords"},
    {"SupportedPlatforms"},
    {"Architecture"},
    {"DocumentationLinks", Kind::url, true, &links},
    {"Date", Kind::date},
    {"Version"},
    {"ReleaseNotes", Kind::notes},
    {"ReleaseNotesURL", Kind::url},
    {"ChangeLog", Kind::notes},
    {"ChangeLogURL", Kind::url},
    {"RepositoryURL", Kind::url},
    {"DocumentationURL", Kind::url},
    {"Method"},
    {"Category"},
    {"ServicesAffected"},
    {"Dependencies"},
};
constexpr Schema package{package_rules, {}};

constexpr Rule release_rules[] = {
    {"Name"},
    {"SoftwareProvider"},
    {"SoftwareComponent"},
    {"TechnologyProvider"},
    {"Contact", Kind::contact},
    {"Description", Kind::notes},
    {"Keywords"},
    {"DocumentationLinks", Kind::url, true, &links},
    {"Date", Kind::date},
    {"Version"},
    {"ReleaseNotes", Kind::notes},
    {"ChangeLog", Kind::notes},
    {"SynchProtocol", Kind::protocol},
    {"SynchURL", Kind::url},
    {"Package", Kind::group, true, &package},
};
constexpr Schema release{release_rules, {}};

constexpr Rule e_repository_rules[] = {{"Identifier"},   {"Name"},      {"Type"},
                                       {"RelativePath"}, {"GroupFile"}, {"RepoFileLocation"}};
constexpr Schema e_repository{e_repository_rules, {}};
constexpr Rule e_repositories_rules[] = {{"Repository", Kind::group, true, &e_repository}};
constexpr Schema e_repositories{e_repositories_rules, {}};

constexpr Rule e_entry_rules[] = {
    {"Identifier"}, {"enabled"}, {"priority"}, {"gpgcheck"}, {"gpgkey"}};
constexpr Schema e_entry{e_entry_rules, {}};
constexpr Rule e_entries_rules[] = {{"Repository", Kind::group, true, &e_entry}};
constexpr Schema e_entries{e_entries_rules, {}};
constexpr Rule e_repofile_rules[] = {
    {"Filename"}, {"Relativepath"}, {"Repositories", Kind::group, false, &e_entries}};
constexpr Schema e_repofile{e_repofile_rules, {}};
constexpr Rule e_repofiles_rules[] = {{"Repofile", Kind::group, true, &e_repofile}};
constexpr Schema e_repofiles{e_repofiles_rules, {}};

constexpr Rule distribution_rules[] = {
    {"DistributionName"},
    {"DistributionShortName"},
    {"TechnologyProvider"},
    {"Contact", Kind::contact},
    {"Description", Kind::notes},
    {"Keywords"},
    {"DocumentationLinks", Kind::url, true, &links},
    {"ISODate", Kind::iso_date},
    {"Version"},
    {"MajorVersion"},
    {"MinorVersion"},
    {"RevisionVersion"},
    {"ReleaseNotes", Kind::notes},
    {"ChangeLog", Kind::notes},
    {"SynchProtocol", Kind::protocol},
    {"SynchURL", Kind::url},
    {"Repositories", Kind::group, false, &e_repositories},
    {"Repofiles", Kind::group, false, &e_repofiles},
};
constexpr Schema distribution{distribution_rules, {}};

constexpr Rule f_package_attributes[] = {{"pkgname"},        {"version"},  {"release"}, {"arch"},
                                         {"url", Kind::url}, {"filename"}, {"pkgtype"}};
constexpr Schema f_package{{}, f_package_attributes};
constexpr Rule f_packages_rules[] = {{"package", Kind::group, true, &f_package}};
constexpr Schema f_packages{f_packages_rules, {}};
constexpr Rule f_meta_rules[] = {{"targetPlatform"},
                                 {"targetArch"},
                                 {"capability", Kind::text, true},
                                 {"packages", Kind::group, false, &f_packages}};
constexpr Schema f_meta{f_meta_rules, {}};

constexpr Rule f_repository_attributes[] = {{"id"}, {"path"}, {"external"}};
constexpr Schema f_repository{{}, f_repository_attributes};

// Documents write the entries of a repofile as elements or as attributes of <repoid>.
constexpr Rule f_entry_rules[] = {
    {"repoid", Kind::text, true},   {"id", Kind::text, true},       {"name", Kind::text, true},
    {"type", Kind::text, true},     {"baseUrl", Kind::text, true},  {"enabled", Kind::text, true},
    {"priority", Kind::text, true}, {"gpgcheck", Kind::text, true}, {"gpgkey", Kind::text, true},
    {"protect", Kind::text, true},  {"entry", Kind::text, true}};
constexpr Schema f_entry{f_entry_rules, f_entry_rules};
constexpr Rule f_repofile_rules[] = {{"repoid", Kind::group, true, &f_entry},
                                     {"id", Kind::text, true},
                                     {"name", Kind::text, true},
                                     {"type", Kind::text, true},
                                     {"baseUrl", Kind::text, true},
                                     {"enabled", Kind::text, true},
                                     {"priority", Kind::text, true},
                                     {"gpgcheck", Kind::text, true},
                                     {"gpgkey", Kind::text, true},
                                     {"protect", Kind::text, true},
                                     {"entry", Kind::text, true}};
constexpr Rule f_repofile_attributes[] = {{"filename"}, {"relativePath"}};
constexpr Schema f_repofile{f_repofile_rules, f_repofile_attributes};

constexpr Rule product_rules[] = {
    {"productName"},
    {"productShortName"},
    {"technologyProvider"},
    {"technologyProviderShortName"},
    {"contact", Kind::contact},
    {"technicalContact", Kind::contact},
    {"description", Kind::notes},
    {"documentationLink", Kind::url, true},
    {"ISODate", Kind::iso_date},
    {"incremental", Kind::flag},
    {"emergency", Kind::flag},
    {"version"},
    {"majorVersion"},
    {"minorVersion"},
    {"revisionVersion"},
    {"releaseNotes", Kind::notes},
    {"changeLog", Kind::notes},
    {"synchProtocol", Kind::protocol},
    {"synchURL", Kind::url},
    {"UMDmeta", Kind::group, false, &f_meta},
    {"packages", Kind::group, false, &f_packages},
    {"yumRepository", Kind::group, true, &f_repository},
    {"debRepository", Kind::group, true, &f_repository},
    {"yumRepofile", Kind::group, true, &f_repofile},
    {"debRepofile", Kind::group, true, &f_repofile},
};
constexpr Schema product{product_rules, {}};

constexpr Rule package_root[] = {{"package", Kind::group, true, &package}};
constexpr Rule release_root[] = {{"Release", Kind::group, false, &release}};
constexpr Rule distribution_root[] = {{"Release", Kind::group, false, &distribution}};
constexpr Rule product_root[] = {{"release", Kind::group, false, &product}};
constexpr Schema package_document{package_root, {}};
constexpr Schema release_document{release_root, {}};
constexpr Schema distribution_document{distribution_root, {}};
constexpr Schema product_document{product_root, {}};

constexpr std::array<std::string_view, 4> namespaces = {
    "http://repo.egi.eu/0.2/release", "http://repo.egi.eu/0.2/UMDmeta",
    "http://repo.egi.eu/0.2/repository", "http://repo.egi.eu/0.2/repofile"};

}  // namespace

std::string letter(Revision revision) {
    return std::string(1, static_cast<char>('A' + static_cast<int>(revision)));
}

const Schema& document_schema(Revision revision) {
    switch (revision) {
        case Revision::a:
            return package_document;
        case Revision::e:
            return distribution_document;
        case Revision::f:
            return product_document;
        default:
            return release_document;
    }
}

std::string folded(std::string_view name) {
    std::string result = core::lower(name);
    std::erase_if(result, [](char c) { return c == '_' || c == '-'; });
    return result;
}

bool same_name(std::string_view a, std::string_view b) {
    const auto skip = [](std::string_view& text) {
        while (!text.empty() && (text.front() == '_' || text.front() == '-')) text.remove_prefix(1);
    };
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    while (true) {
        skip(a);
        skip(b);
        if (a.empty() || b.empty()) return a.empty() && b.empty();
        if (lower(a.front()) != lower(b.front())) return false;
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
}

const Rule* find_rule(std::span<const Rule> rules, std::string_view name) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&](const Rule& rule) { return same_name(rule.name, name); });
    return found == rules.end() ? nullptr : &*found;
}

bool is_namespace_of_f(std::string_view uri) {
    return std::find(namespaces.begin(), namespaces.end(), uri) != namespaces.end();
}

std::string_view similar_namespace(std::string_view uri) {
    while (uri.ends_with('/')) uri.remove_suffix(1);
    const std::string last = core::lower(uri.substr(uri.rfind('/') + 1));
    for (const std::string_view known : namespaces) {
        if (similar(known, uri) || core::lower(known.substr(known.rfind('/') + 1)) == last) {
            return known;
        }
    }
    return {};
}

}  // namespace bundle
