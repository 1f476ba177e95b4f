// SPDX-License-Identifier: GPL-3.0-or-later
// A small depot for tests of the yum backend: a cache, a pool with packages and documents, trees
// that are composed from them, and a key that signs as the depot's would.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/yum/backend.hpp"
#include "core/work/signer.hpp"
#include "tests/backends/yum/workshop.hpp"

namespace stand {

/// A key in a home of its own, used through the gpg program.
class Key : public core::Verifier {
  public:
    Key();
    ~Key() override;

    /// Armored and detached, as repomd.xml.asc.
    std::string signature(const std::filesystem::path& file) const;
    std::string public_key() const;

    core::Verdict check_detached(std::string_view bytes, std::string_view signature) const override;
    core::Verdict check_packet(std::string_view, std::string_view) const override { return {}; }
    core::Verdict check_clear_text(std::string_view text, std::string& content) const override;

  private:
    workshop::Scratch home_;
    std::string gpg_;
};

class Stand {
  public:
    Stand();

    /// Inspects a package and puts it into the pool.
    core::Package admit(const std::string& file_name);

    /// Puts a document into the pool and returns its row.
    core::Row document(const std::string& name, const std::string& bytes);

    static core::Row row(const core::Package& package);

    /// Composes "el9" / x86_64 of these packages into `directory`, signs it, and puts the packages
    /// beside the metadata.
    core::Composed publish(const std::filesystem::path& directory,
                           const std::vector<core::Package>& packages,
                           const std::map<std::string, core::Rows>& documents = {});

    /// Made when it is first asked for: that takes a while.
    const Key& key();

    workshop::Scratch scratch;
    core::Cache cache{scratch / "cache"};
    core::Pool pool{scratch / "pool"};
    yum::YumInspector inspector{cache, workshop::cells()};
    yum::YumBackend backend{cache, pool, inspector};
    std::uint64_t generation = 0;
    int form = core::newest_form;

  private:
    std::unique_ptr<Key> key_;
};

core::Platform el9();

/// A release of these packages with notes.
core::Release release(const std::string& id, std::vector<core::Package> packages);

}  // namespace stand
