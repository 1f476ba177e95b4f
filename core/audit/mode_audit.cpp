// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/audit/mode_audit.hpp"

#include <fmt/format.h>
#include <functional>
#include <sys/stat.h>

#include "core/system/entries.hpp"

namespace core {
namespace fs = std::filesystem;
namespace {

constexpr mode_t read_by_all = S_IRUSR | S_IRGRP | S_IROTH;
constexpr mode_t entered_by_all = S_IXUSR | S_IXGRP | S_IXOTH;
constexpr mode_t all_of_others = S_IRWXG | S_IRWXO;

/// Of a directory and all below, or of a file; links have no modes of their own.
using Look = std::function<void(const fs::path&, mode_t)>;
void look_at(const fs::path& path, const Look& look) {
    const auto status = status_of(path, Links::are_seen);
    if (!status || S_ISLNK(status->st_mode)) return;
    look(path, status->st_mode);
    if (!S_ISDIR(status->st_mode)) return;
    for (const Entry& entry : entries(path)) {
        if (entry.kind != Kind::link) look_at(entry.path, look);
    }
}

bool is_entered(mode_t mode) {
    return (mode & entered_by_all) == entered_by_all;
}

bool is_hidden(mode_t mode) {
    return (mode & read_by_all) != read_by_all || (S_ISDIR(mode) && !is_entered(mode));
}

bool is_open(mode_t mode) {
    return (mode & S_IWOTH) != 0;
}

class ModeAudit {
  public:
    explicit ModeAudit(const Depot& depot)
        : layout_(depot.layout),
          home_(depot.configuration.signing_home),
          findings_(depot.layout.root) {}

    std::vector<Finding> run() {
        const Fault hidden{"cannot be read by everybody", "-R a+rX", is_hidden};
        const Fault open{"can be written by everybody", "-R go-w", is_open};
        for (const fs::path& place : {layout_.public_tree(), layout_.pool()}) {
            expect(place, {hidden, open});
        }
        for (const fs::path& place :
             {layout_.configuration(), layout_.provider_keys(), layout_.releases(),
              layout_.fragments(), layout_.ledger(), layout_.lock()}) {
            expect(place, {open});
        }
        expect_private(layout_.work());
        expect_private(layout_.root / "bridge");
        if (!home_.empty()) expect_private(layout_.root / home_);
        expect_root();
        return findings_.in_order();
    }

  private:
    struct Fault {
        std::string what;
        std::string change;
        bool (*is_in)(mode_t);
        std::size_t count = 0;
        fs::path first{};
    };

    /// One finding for all in a place that have a fault.
    void expect(const fs::path& place, std::vector<Fault> faults) {
        findings_.attempt(place, [&] {
            look_at(place, [&](const fs::path& path, mode_t mode) {
                for (Fault& fault : faults) {
                    if (fault.is_in(mode) && fault.count++ == 0) fault.first = path;
                }
            });
            for (const Fault& fault : faults) report_all(place, fault);
        });
    }

    void report_all(const fs::path& place, const Fault& fault) {
        if (fault.count == 0) return;
        const std::string others =
            fault.count == 1 ? "" : fmt::format(", and {} more", fault.count - 1);
        const std::string first = fault.first.lexically_relative(layout_.root).string();
        report(place, fmt::format("{}{} {}", first, others, fault.what), fault.change);
    }

    /// What is below is reached by nobody.
    void expect_private(const fs::path& place) {
        findings_.attempt(place, [&] {
            const auto status = status_of(place, Links::are_seen);
            if (!status || (status->st_mode & all_of_others) == 0) return;
            report(place, "can be read or entered by others", "go=");
        });
    }

    /// Who may write there may put another depot in the place of this one. That others may not
    /// enter it can be meant; not where it came with a public tree that nobody can read.
    void expect_root() {
        findings_.attempt(layout_.root, [&] {
            const auto root = status_of(layout_.root), tree = status_of(layout_.public_tree());
            if (root && is_open(root->st_mode)) {
                report(layout_.root, "can be written by everybody", "go-w");
            }
            if (root && tree && is_hidden(tree->st_mode) && !is_entered(root->st_mode)) {
                report(layout_.root, "cannot be entered by everybody, nor what is public", "a+x");
            }
        });
    }

    void report(const fs::path& place, const std::string& what, const std::string& change) {
        findings_.report(place, fmt::format("{}: chmod {} '{}'", what, change, place.string()));
    }

    const Layout& layout_;
    const std::string& home_;
    Findings findings_;
};

}  // namespace

std::vector<Finding> audit_modes(const Depot& depot) {
    return ModeAudit(depot).run();
}

}  // namespace core
