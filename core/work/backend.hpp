// SPDX-License-Identifier: GPL-3.0-or-later
// How a repository of one format looks. Implemented by backends/yum and backends/apt; core knows no
// more of a format than this. All methods are safe to call from several threads at once, for
// different directories.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/package.hpp"
#include "core/model/platform.hpp"
#include "core/model/release.hpp"
#include "core/model/repository.hpp"
#include "core/system/files.hpp"
#include "core/work/inspector.hpp"
#include "core/work/signer.hpp"

namespace core {

/// What a generation finds of the same repository in the one that it follows. What came and went
/// since then is by index; an index that is not named did not change.
struct Predecessor {
    std::filesystem::path directory;  // as compose() got it; empty: there is none
    std::map<std::string, Rows> added;
    std::map<std::string, Rows> removed;
};

/// Everything a repository's metadata is made from. Same composition, same bytes.
struct Composition {
    Repository repository;
    Platform platform;
    Line line;
    Stage stage;
    std::string origin;            // apt's Origin; the vendor in advisories
    std::uint64_t generation = 0;  // also the growing revision
    int form = newest_form;
    Time date{};
    Time valid_until{};
    std::map<std::string, Rows>
        indexes;  // by Section::index; every index of the tree, also if empty
    Predecessor before;
};

/// A file in the composed directory that needs a signature, and where that goes.
struct SigningTask {
    std::string file;
    std::string output;
    SignatureForm form = SignatureForm::detached;
};

struct Composed {
    std::vector<SigningTask> signing;
    /// Files whose name has the SHA-256 of their content. They stay available for a grace time
    /// after they were superseded, because clients hold older indexes that name them.
    std::vector<std::string> lasting;
    std::vector<File> written;  // all that is new, still open
};

/// What a site's client file says: one platform in one stage, or one release of it.
struct ClientEntry {
    Repository repository;  // without its tree: the client file covers all of them
    Platform platform;
    std::string id;                     // "umd5-production": unique on the site
    std::string title;                  // for people
    std::string suite;                  // apt's suite (the line's name)
    std::string url;                    // of repository.path(), without a final slash
    bool mirror_list = false;           // each tree offers `mirrorlist`, which pins a generation
    std::vector<std::string> key_urls;  // the depot's key first, then those of package signers
    std::string public_key;             // the depot's key, ASCII-armored
    bool enabled = false;
    bool packages_signed = false;  // the line requires package signatures
};

class Backend {
  public:
    virtual ~Backend() = default;

    /// Top-level names in a repository: what each generation renders ("repodata", "dists") and what
    /// only grows beside it ("Packages", "pool").
    struct Shape {
        std::string metadata;
        std::string packages;
        std::string client_extension;  // of the file a site installs: "repo", "sources"
    };
    virtual Shape shape() const = 0;

    /// The sections of a platform that take `package`; all of them if it is null. Throws Refused if
    /// the platform has no place for the package (its architecture is not configured).
    virtual std::vector<Section> sections(const Platform& platform,
                                          const Package* package) const = 0;

    /// The documents of a release for one of our platforms: those of the bundle that are meant for
    /// it, checked and in their normal form, and the release's own advisory. Returns their bytes;
    /// digest and size are filled in by the caller.
    struct NewDocument {
        Document document;
        std::string bytes;
    };
    struct Bundled {
        std::vector<std::string> texts;
        bool keep_foreign = false;  // take what they say of packages that the release lacks, too
    };
    struct Documents {
        std::vector<NewDocument> documents;
        std::set<std::string> foreign;  // packages of which something was left out
    };
    virtual Documents documents(const Release& release, const Platform& platform,
                                const Bundled& bundled) const = 0;

    /// What sites ask for by name in a document of ours: "advisory S-1", "group lights". Of one
    /// kind are all that a client takes for each other.
    virtual std::set<std::string> ids(std::string_view bytes_of_document) const = 0;

    /// Writes the unsigned metadata of a repository below `directory`, which exists and is empty:
    /// the metadata directory of shape(), nothing else. Flushing is the caller's, through the
    /// files.
    virtual Composed compose(const Composition& composition,
                             const std::filesystem::path& directory) const = 0;

    /// Reads the finished metadata as a client would: signatures first, then everything they cover,
    /// by size and digest. Throws Error on the first thing a client would reject.
    virtual void check(const std::filesystem::path& directory, const Verifier& verifier) const = 0;

    /// The text of the file a site installs (.repo, .sources).
    virtual std::string client_file(const ClientEntry& entry) const = 0;
};

/// The parts of one format, borrowed. Keyed by Platform::format in Formats.
struct Format {
    const Backend* backend = nullptr;
    const Inspector* inspector = nullptr;
    std::string package_format;        // "rpm", "deb"
    bool packages_signed = false;      // packages of the format carry signatures
    std::string every_architecture{};  // "noarch", "all": of packages that go to all of them
};
using Formats = std::map<std::string, Format>;

}  // namespace core
