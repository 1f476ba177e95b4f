// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/backend.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "backends/apt/contents.hpp"
#include "backends/apt/packages_text.hpp"
#include "backends/apt/patches.hpp"
#include "backends/apt/release_file.hpp"
#include "backends/apt/xz.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace apt {
namespace fs = std::filesystem;
namespace {

const shards::Reading as_apt_reads{count_stanzas, "Package: ", "\n\n"};

core::Section section_of(const std::string& component, const std::string& architecture) {
    return {"", component + "/binary-" + architecture};
}

/// The suite's directory while it is composed.
class Suite {
  public:
    Suite(std::string name, const fs::path& directory)
        : name_(std::move(name)), directory_(directory / "dists" / name_) {}

    fs::path file(const std::string& path) const { return directory_ / path; }

    /// Below the repository's root.
    std::string published(const std::string& path) const { return "dists/" + name_ + "/" + path; }

    /// Lists a finished file and hard links it to its by-hash name, by which apt asks for it: there
    /// it cannot meet the file of another generation.
    void add(const std::string& index, const std::string& form, const core::Digest& digest,
             std::uint64_t size) {
        const std::string path = index + "/" + form;
        const std::string by_hash = index + "/by-hash/SHA256/" + digest.hex();
        list(path, digest, size);
        if (!by_hash_.insert(by_hash).second) return;  // of two architectures, with one content
        core::hard_link(file(path), file(by_hash));
        composed_.lasting.push_back(published(by_hash));
    }

    /// Files that were written.
    void take(core::File file) { composed_.written.push_back(std::move(file)); }
    void take(std::vector<core::File> files) {
        for (core::File& file : files) take(std::move(file));
    }

    /// Only lists a form that is not published itself.
    void list(const std::string& path, const core::Digest& digest, std::uint64_t size) {
        listed_.push_back({path, size, digest});
    }

    void add(const std::string& index, WrittenPatches patches) {
        if (patches.index) {
            add(index + "/Packages.diff", "Index", patches.index->digest, patches.index->size);
        }
        for (const std::string& path : patches.files) composed_.lasting.push_back(published(path));
        take(std::move(patches.written));
    }

    core::Composed finish(const core::Composition& composition) {
        core::make_directories(directory_);
        composed_.written.push_back(
            core::written_file(file("Release"), release_text(composition, listed_)));
        const std::string release = published("Release");
        composed_.signing = {{release, published("InRelease"), core::SignatureForm::clear_text},
                             {release, published("Release.gpg"), core::SignatureForm::detached}};
        return std::move(composed_);
    }

  private:
    std::string name_;
    fs::path directory_;
    std::vector<Listed> listed_;
    std::set<std::string> by_hash_;
    core::Composed composed_;
};

const core::Rows& rows_in(const std::map<std::string, core::Rows>& indexes,
                          const std::string& index) {
    static const core::Rows none;
    const auto found = indexes.find(index);
    return found == indexes.end() ? none : found->second;
}

}  // namespace

AptBackend::AptBackend(core::Cache cache, core::Pool pool, AptInspector inspector)
    : cache_(std::move(cache)), pool_(std::move(pool)), inspector_(std::move(inspector)) {}

std::vector<core::Section> AptBackend::sections(const core::Platform& platform,
                                                const core::Package* package) const {
    std::vector<core::Section> found;
    for (const std::string& component : platform.components) {
        // A component that the platform does not have: its packages stand in the first one.
        const bool known =
            package != nullptr && std::count(platform.components.begin(), platform.components.end(),
                                             package->component) > 0;
        const std::string& home = known ? package->component : platform.components.front();
        if (package != nullptr && component != home) continue;
        for (const std::string& architecture : platform.architectures) {
            if (package == nullptr || package->every_architecture ||
                package->architecture == architecture) {
                found.push_back(section_of(component, architecture));
            }
        }
    }
    if (package != nullptr && (found.empty() || package->source)) {
        throw core::Refused(core::reason::architecture_unknown,
                            package->label() + ": " + platform.name + " has no architecture " +
                                package->architecture,
                            "It has " + core::join(platform.architectures, ", ") + ".");
    }
    return found;
}

core::Backend::Documents AptBackend::documents(const core::Release&, const core::Platform&,
                                               const Bundled&) const {
    return {};
}

core::Composed AptBackend::compose(const core::Composition& composition,
                                   const fs::path& directory) const {
    Suite suite(composition.line.name, directory);
    const EarlierSuite earlier(composition.before, composition.line.name);
    const std::function<std::string(const core::Row&)> entry = [&](const core::Row& row) {
        return inspector_.fragments(row.digest, pool_.file(row.digest, "deb")).front();
    };
    for (const auto& [index, rows] : composition.indexes) {
        core::make_directories(suite.file(index + "/by-hash/SHA256"));
        const std::string packed = index + "/Packages.gz";
        const shards::File packages{
            "", "", {}, suite.file(packed), true, as_apt_reads, earlier.file(packed)};
        shards::Written written =
            std::move(shards::write_index(
                          cache_, "apt-packages-2", rows, {packages},
                          [&](const core::Row& row) { return shards::Fragments{entry(row)}; },
                          shards::Cut::by_digest, shards::notes_of(composition, index))
                          .front());
        suite.take(std::move(written.files));
        suite.list(index + "/Packages", written.plain_digest, written.plain_size);
        suite.add(index, "Packages.gz", written.gzip_digest, written.gzip_size);
        if (composition.platform.xz) {
            const fs::path xz = suite.file(index + "/Packages.xz");
            suite.take(write_xz(packages.gzip, written.plain_size, xz));
            suite.add(index, "Packages.xz", core::sha256_file(xz),
                      core::File::open_to_read(xz).size());
        }
        if (composition.platform.contents) {
            const fs::path contents = contents_of(index) + ".gz";
            core::make_directories(suite.file(contents.parent_path() / "by-hash/SHA256"));
            shards::Written all = write_contents(pool_, inspector_, rows, suite.file(contents));
            suite.take(std::move(all.files));
            suite.list(contents_of(index), all.plain_digest, all.plain_size);
            suite.add(contents.parent_path(), contents.filename(), all.gzip_digest, all.gzip_size);
        }
        const core::Rows& added = rows_in(composition.before.added, index);
        const core::Rows& removed = rows_in(composition.before.removed, index);
        const IndexState state{index, rows, written, added, removed, entry};
        suite.add(index, write_patches(earlier, state, composition.generation, suite.file("")));
    }
    return suite.finish(composition);
}

}  // namespace apt
