// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/pool_audit.hpp"

#include <map>

#include "core/model/error.hpp"
#include "core/system/entries.hpp"
#include "core/system/parallel.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

class PoolAudit {
  public:
    explicit PoolAudit(const Audit& audit) : audit_(audit) {}

    void run() {
        findings_.attempt(depot_.layout.releases(), [&] { audit_stray_records(); });
        findings_.attempt(depot_.layout.pool(), [&] { audit_records_and_pool(); });
    }

  private:
    void audit_stray_records() {
        std::set<std::string> expected;
        for (const std::string& id : depot_.records.ids()) expected.insert(id + ".json");
        for (const std::string& file : names_below(depot_.layout.releases())) {
            if (!expected.contains(file)) {
                findings_.report(depot_.layout.releases() / file, "does not belong there");
            }
        }
    }

    void audit_records_and_pool() {
        std::map<fs::path, Digest> expected;  // pool files
        std::map<fs::path, fs::path> names;   // published file name -> pool file
        for (const std::string& id : depot_.records.ids()) {
            findings_.attempt(depot_.layout.releases() / (id + ".json"), [&] {
                const Release release = depot_.records.load(id);
                if (release.id != id) throw Error("is the record of " + release.id);
                for (const Package& package : release.packages) {
                    const fs::path file = depot_.pool.file(package.digest, package.format);
                    expected[file] = package.digest;
                    names[depot_.pool.name_link(package.format,
                                                fs::path(package.path).filename().string())] = file;
                }
                for (const Document& document : release.documents) {
                    expected[depot_.pool.file(document.digest, "xml")] = document.digest;
                }
            });
        }
        audit_pool_files({expected.begin(), expected.end()});
        for (const auto& [link, file] : names) {
            findings_.attempt(link, [&, &link = link, &file = file] {
                if (same_file(link, file)) return;
                findings_.report(link, "is not the same file as " + file.filename().string());
            });
        }
        for (const std::string& path : names_below(depot_.pool.directory())) {
            const fs::path file = depot_.pool.directory() / path;
            if (!expected.contains(file) && !names.contains(file))
                findings_.report(file, "no record names it");
        }
    }

    void audit_pool_files(const std::vector<std::pair<fs::path, Digest>>& files) {
        parallel_for(files.size(), [&](std::size_t i) {
            const fs::path& file = files[i].first;
            const Digest& digest = files[i].second;
            findings_.attempt(file, [&] {
                if (!is_own_file(file)) return findings_.report(file, "is missing");
                const Digest found = sha256_file(file);
                if (found != digest)
                    findings_.report(file, "its content has the digest " + found.hex());
            });
        });
    }

    const Audit& audit_;
    Findings& findings_ = audit_.findings;
    Depot& depot_ = audit_.depot;
};

}  // namespace

void audit_pool(const Audit& audit) {
    PoolAudit(audit).run();
}

}  // namespace core
