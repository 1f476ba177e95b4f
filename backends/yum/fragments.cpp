// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/fragments.hpp"

#include <fmt/format.h>

#include "backends/yum/createrepo.hpp"
#include "backends/yum/libraries.hpp"
#include "backends/yum/package_rules.hpp"
#include "backends/yum/rendered_size.hpp"
#include "backends/yum/tags.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

HeaderHandle import_header(std::string_view blob) {
    std::string copy(blob);
    HeaderHandle header(
        headerImport(copy.data(), static_cast<unsigned>(copy.size()), HEADERIMPORT_COPY));
    if (!header) {
        throw core::Refused(core::reason::package_corrupt, "librpm does not accept the main header",
                            "build the package with rpm 4");
    }
    // Without the table of locales librpm takes the untranslated text, whatever our environment.
    headerDel(header.get(), RPMTAG_HEADERI18NTABLE);
    return header;
}

PackageHandle import_package(std::string_view blob, int changes) {
    const auto lock = lock_libraries();
    const HeaderHandle header = import_header(blob);
    GError* error = nullptr;
    PackageHandle package(
        createrepo().package_from_header(header.get(), changes, CR_HDRR_NONE, &error));
    const ErrorHandle failure(error);
    if (!package || failure) {
        throw core::Refused(core::reason::package_corrupt,
                            fmt::format("libcreaterepo_c does not accept the main header: {}",
                                        failure ? core::escaped(failure->message) : "no reason"));
    }
    return package;
}

/// libcreaterepo_c reads as Latin-1 what libxml2 does not take for UTF-8. But libxml2 looks at the
/// form of it only, and what is printed then no parser takes.
void decode_changelog(cr_Package& entry) {
    const auto decoded = [&](gchar* text) {
        if (text == nullptr || core::valid_utf8(text)) return text;
        return createrepo().string_chunk_insert(entry.chunk, from_latin1(text).c_str());
    };
    for (const GSList* item = entry.changelogs; item != nullptr; item = item->next) {
        auto* const change = static_cast<cr_ChangelogEntry*>(item->data);
        change->author = decoded(change->author);
        change->changelog = decoded(change->changelog);
    }
}

/// What createrepo_c learns from the file around the header; from us it gets the known facts.
void complete(cr_Package& entry, const RpmFile& rpm, const HeaderView& signature,
              const HeaderView& header, const core::Package& package) {
    const auto interned = [&](const std::string& text) {
        return createrepo().string_chunk_insert(entry.chunk, text.c_str());
    };
    entry.pkgId = interned(package.digest.hex());
    entry.checksum_type = interned("sha256");
    entry.location_href = interned(package.path);
    entry.arch = interned(package.architecture);
    entry.size_package = static_cast<gint64>(rpm.size);
    entry.rpm_header_start = static_cast<gint64>(rpm.header_start);
    entry.rpm_header_end = static_cast<gint64>(rpm.header_end);
    // createrepo_c records the file's mtime. Ours says nothing; the build time is the package's
    // own.
    entry.time_file = static_cast<gint64>(header.number(tag::build_time).value_or(0));
    // librpm would merge this tag from the signature header while it reads a file.
    if (entry.size_archive == 0) {
        auto size = signature.number(tag::long_archive_size);
        if (!size) size = signature.number(tag::payload_size);
        entry.size_archive = static_cast<gint64>(size.value_or(0));
    }
}

/// libcreaterepo_c leaves out what it cannot say and still succeeds: what came out is compared with
/// what went in. (Requires are not counted: it drops those that the package meets itself.)
void check_complete(const cr_Package& entry, const HeaderView& header) {
    const std::pair<const GSList*, std::uint32_t> lists[] = {{entry.files, tag::base_names},
                                                             {entry.provides, tag::provide_name},
                                                             {entry.conflicts, tag::conflict_name},
                                                             {entry.obsoletes, tag::obsolete_name}};
    for (const auto& [list, tag] : lists) {
        std::size_t count = 0;
        for (const GSList* item = list; item != nullptr; item = item->next) ++count;
        const HeaderEntry* given = header.find(tag);
        if (count != (given == nullptr ? 0 : given->count)) {
            throw core::Refused(
                core::reason::package_corrupt,
                fmt::format("libcreaterepo_c cannot express all values of the header's tag {}",
                            tag),
                "build the package with rpm 4");
        }
    }
}

std::string taken(char* text, const char* index, const core::Package& package) {
    const TextHandle owned(text);
    std::string fragment = owned ? owned.get() : "";
    if (!fragment.starts_with("<package") || !fragment.ends_with("</package>\n") ||
        fragment.find(package.digest.hex()) == std::string::npos) {
        throw core::Error(fmt::format("libcreaterepo_c made no {} entry of {}", index,
                                      core::escaped(package.label())));
    }
    try {
        if (count_elements(fragment, prefix_in(index)) == 1) return fragment;
    } catch (const core::Error& error) {
        throw core::Refused(core::reason::package_corrupt,
                            fmt::format("its entry in {} would be {}", index, error.what()),
                            "build the package with rpm 4");
    }
    throw core::Error(fmt::format("libcreaterepo_c made no {} entry of {} alone", index,
                                  core::escaped(package.label())));
}

}  // namespace

shards::Fragments make_fragments(const RpmFile& rpm, const HeaderView& signature,
                                 const HeaderView& header, const core::Package& package) {
    const PackageHandle entry = import_package(rpm.header_blob(), published_changes(header));
    complete(*entry, rpm, signature, header, package);
    check_complete(*entry, header);
    decode_changelog(*entry);
    GError* error = nullptr;
    const cr_XmlStruct xml = createrepo().xml_dump(entry.get(), &error);
    const ErrorHandle failure(error);
    if (failure) {
        free(xml.primary);
        free(xml.filelists);
        free(xml.other);
        throw core::Refused(core::reason::control_characters,
                            fmt::format("libcreaterepo_c cannot write the package as XML: {}",
                                        core::escaped(failure->message)));
    }
    TextHandle filelists(xml.filelists);
    TextHandle other(xml.other);
    std::string primary = taken(xml.primary, "primary", package);
    return {std::move(primary), taken(filelists.release(), "filelists", package),
            taken(other.release(), "other", package)};
}

}  // namespace yum
