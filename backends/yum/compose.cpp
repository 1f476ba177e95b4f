// SPDX-License-Identifier: GPL-3.0-or-later
// Writing repodata/ and reading it back as a client would.
#include <algorithm>
#include <fmt/format.h>

#include "backends/shards/shards.hpp"
#include "backends/yum/backend.hpp"
#include "backends/yum/comps.hpp"
#include "backends/yum/repomd.hpp"
#include "backends/yum/xml_content.hpp"
#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/parallel.hpp"

namespace yum {
namespace fs = std::filesystem;
namespace {

const std::string declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const std::string metadata_uri = "http://linux.duke.edu/metadata/";
constexpr std::uint64_t max_document = 64u << 20;

/// The files of one repodata/, under their final names as soon as their digests are known.
class Repodata {
  public:
    explicit Repodata(const fs::path& root) : directory_(root / "repodata") {
        core::make_directories(directory_);
    }

    fs::path scratch(const std::string& name) const { return directory_ / name; }

    void add_compressed(const std::string& type, const std::string& name,
                        shards::Written& written) {
        add({type, named(written.gzip_digest, name), written.gzip_digest, written.gzip_size,
             written.plain_digest, written.plain_size},
            name);
        std::ranges::move(written.files, std::back_inserter(composed_.written));
    }

    void add_plain(const std::string& type, const std::string& name,
                   const shards::Written& written) {
        add({type,
             named(written.plain_digest, name),
             written.plain_digest,
             written.plain_size,
             {},
             0},
            name);
    }

    core::Composed finish(std::uint64_t revision, core::Time date) {
        composed_.written.push_back(
            core::written_file(directory_ / "repomd.xml", repomd_text(entries_, revision, date)));
        composed_.signing.push_back(
            {"repodata/repomd.xml", "repodata/repomd.xml.asc", core::SignatureForm::detached});
        for (const RepomdEntry& entry : entries_) composed_.lasting.push_back(entry.href);
        return std::move(composed_);
    }

  private:
    static std::string named(const core::Digest& digest, const std::string& name) {
        return "repodata/" + digest.hex() + "-" + name;
    }

    void add(RepomdEntry entry, const std::string& name) {
        core::move_file(directory_ / name, directory_ / fs::path(entry.href).filename());
        entries_.push_back(std::move(entry));
    }

    fs::path directory_;
    std::vector<RepomdEntry> entries_;
    core::Composed composed_;
};

/// The files that the generation before offers of this repository.
class EarlierRepodata {
  public:
    explicit EarlierRepodata(const core::Predecessor& before) : root_(before.directory) {
        const fs::path repomd = root_ / "repodata/repomd.xml";
        if (root_.empty() || !core::is_file(repomd)) return;
        try {
            entries_ = read_repomd(repomd);
        } catch (const core::Error&) {
            // A damaged one is of no use here, and made anew now; `verify` tells of it.
        }
    }

    /// Empty if there is none.
    fs::path find(const std::string& type) const {
        const auto found = std::ranges::find(entries_, type, &RepomdEntry::type);
        return found == entries_.end() ? fs::path() : root_ / found->href;
    }

  private:
    fs::path root_;
    std::vector<RepomdEntry> entries_;
};

const core::Rows& rows_of(const core::Composition& composition, const std::string& index) {
    static const core::Rows none;
    const auto found = composition.indexes.find(index);
    return found == composition.indexes.end() ? none : found->second;
}

/// What stands before and after the rows. It is one element, whatever is put into it.
void check_frame(const shards::File& file) {
    const std::string root = file.header.substr(declaration.size()) + file.footer;
    if (!file.header.starts_with(declaration) || count_elements(root) != 1) {
        throw core::Error("the frame of " + file.gzip.string() + " is not one element");
    }
}

/// Rows that are elements of this name.
shards::Reading elements(const std::string& name, std::string_view prefix = {}) {
    return {[prefix](std::string_view text) { return count_elements(text, prefix); }, "<" + name,
            "</" + name + ">\n"};
}

/// One of the three indexes of packages. Its root element does not count them, as createrepo_c's
/// does: hardly anyone needs that (shards/README.md), and what follows it could not be copied.
shards::File package_index(const Repodata& repodata, const EarlierRepodata& earlier,
                           const std::string& name, const std::string& root,
                           const std::string& attributes) {
    shards::File file{fmt::format("{}<{}{}>\n", declaration, root, attributes),
                      fmt::format("</{}>\n", root),
                      {},
                      repodata.scratch(name + ".xml.gz"),
                      false,
                      elements("package", prefix_in(name)),
                      earlier.find(name)};
    check_frame(file);
    return file;
}

void check_signature(const fs::path& repomd, const core::Verifier& verifier) {
    const core::Verdict verdict = verifier.check_detached(
        core::read_file(repomd, max_document), core::read_file(repomd.string() + ".asc", 1u << 20));
    if (!verdict.good()) {
        throw core::Error(fmt::format("the signature of {} is not good: {} {}", repomd.string(),
                                      verdict.fingerprint, verdict.detail));
    }
}

/// What repomd.xml says of the files.
void check_listed(const fs::path& repomd, const fs::path& directory) {
    const auto entries = core::with_context(repomd.string(), [&] { return read_repomd(repomd); });
    core::parallel_for(entries.size(), [&](std::size_t i) {
        const fs::path file = directory / entries[i].href;
        if (core::size_of(file) != entries[i].size) {
            throw core::Error(file.string() + " has not the size that repomd.xml gives it");
        }
        if (core::sha256_file(file) != entries[i].digest) {
            throw core::Error(file.string() + " has not the digest that repomd.xml gives it");
        }
    });
}

}  // namespace

std::string YumBackend::document(const core::Row& row) const {
    const fs::path file = pool_.file(row.digest, "xml");
    std::string bytes = core::read_file(file, max_document);
    if (core::sha256(bytes) != row.digest) throw core::Error(file.string() + " is damaged");
    return bytes;
}

core::Composed YumBackend::compose(const core::Composition& composition,
                                   const fs::path& directory) const {
    Repodata repodata(directory);
    const EarlierRepodata earlier(composition.before);
    const core::Rows& packages = rows_of(composition, "packages");
    const std::string count = composition.form == core::oldest_form
                                  ? fmt::format(" packages=\"{}\"", packages.size())
                                  : std::string();
    const auto names = [&](const std::string& ns, const std::string& more = {}) {
        return fmt::format(" xmlns=\"{}{}\"{}{}", metadata_uri, ns, more, count);
    };
    const std::vector<shards::File> files = {
        package_index(repodata, earlier, "primary", "metadata",
                      names("common", " xmlns:rpm=\"" + metadata_uri + "rpm\"")),
        package_index(repodata, earlier, "filelists", "filelists", names("filelists")),
        package_index(repodata, earlier, "other", "otherdata", names("other"))};
    auto written = shards::write_index(
        cache_, "yum-packages-2", packages, files,
        [&](const core::Row& row) {
            return inspector_.fragments(pool_.file(row.digest, "rpm"), row.digest);
        },
        shards::Cut::by_digest, shards::notes_of(composition, "packages"));
    for (std::size_t i = 0; const char* type : {"primary", "filelists", "other"}) {
        repodata.add_compressed(type, std::string(type) + ".xml.gz", written.at(i++));
    }

    if (const core::Rows& updates = rows_of(composition, "updateinfo"); !updates.empty()) {
        const shards::File file{declaration + "<updates>\n",
                                "</updates>\n",
                                {},
                                repodata.scratch("updateinfo.xml.gz"),
                                false,
                                elements("update"),
                                earlier.find("updateinfo")};
        check_frame(file);
        // The advisory of a release with very many packages has megabytes, which are not to be
        // compressed again whenever a neighbour comes or goes.
        auto result = shards::write_index(
            cache_, "yum-updateinfo-3", updates, {file},
            [&](const core::Row& row) { return shards::Fragments{document(row)}; },
            shards::Cut::after_each_row, shards::notes_of(composition, "updateinfo"));
        repodata.add_compressed("updateinfo", "updateinfo.xml.gz", result.at(0));
    }

    if (const core::Rows& groups = rows_of(composition, "group"); !groups.empty()) {
        std::vector<std::string> documents;
        for (const core::Row& row : core::by_path(groups)) documents.push_back(document(row));
        // Merged group lists are one small text, not rows: the engine is given it as a header.
        const shards::File file{declaration + merged_comps(documents),
                                {},
                                repodata.scratch("comps.xml"),
                                repodata.scratch("comps.xml.gz")};
        check_frame(file);
        auto result = shards::write_index(cache_, "yum-group-1", {}, {file}, {});
        repodata.add_plain("group", "comps.xml", result.at(0));
        repodata.add_compressed("group_gz", "comps.xml.gz", result.at(0));
    }
    return repodata.finish(composition.generation, composition.date);
}

void YumBackend::check(const fs::path& directory, const core::Verifier& verifier) const {
    // The files are read while gpg starts; a signature that does not hold is told before all else.
    core::parallel_for(2, [&](std::size_t i) {
        const fs::path repomd = directory / "repodata/repomd.xml";
        if (i == 0) return check_signature(repomd, verifier);
        check_listed(repomd, directory);
    });
}

}  // namespace yum
