// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/ftp.hpp"

#include <algorithm>
#include <array>

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

constexpr int deepest = 4;
constexpr std::size_t most_directories = 200;

/// Is this, by its name, a file that a bundle may consist of? Only says what to ask for: what it is
/// decides its content.
bool is_wanted_name(std::string_view name) {
    static constexpr std::array<std::string_view, 3> endings{".rpm", ".deb", ".xml"};
    const std::string text = core::lower(name);
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return text.ends_with(ending); });
}

class FtpTree {
  public:
    FtpTree(Basket& basket, const http::Url& root) : basket_(basket), root_(root) {}

    void fetch() {
        walk("", basket_.list(root_.text()), 0);
        if (basket_.files() > 0) return;
        throw core::Refused(core::reason::download_content,
                            core::escaped(root_.text()) + " holds no packages");
    }

  private:
    void walk(const std::string& directory, const std::string& listing, int depth) {
        for (const std::string& line : core::split(listing, "\r\n")) {
            // Some servers give whole paths.
            const std::string name = line.substr(line.rfind('/') + 1);
            if (name.empty() || name == "." || name == "..") continue;
            const std::string path = directory + name;
            check_reference(path, root_.text());
            const std::string url = below(root_, path, Percent::is_text).text();
            if (is_wanted_name(name)) {
                basket_.add(url, path);
            } else if (depth < deepest) {
                enter(path + "/", url + "/", depth + 1);
            }
        }
    }

    /// A name list does not tell files from directories: what cannot be listed is a file, and one
    /// that nobody wants.
    void enter(const std::string& path, const std::string& url, int depth) {
        if (++directories_ > most_directories) {
            throw core::Refused(core::reason::download_limit,
                                core::escaped(root_.text()) + " has too many directories",
                                "Hand in a directory that holds one release only.");
        }
        std::string listing;
        try {
            listing = basket_.list(url);
        } catch (const core::Refused& refusal) {
            if (refusal.code() != core::reason::download_failed) throw;
            return;
        }
        walk(path, listing, depth);
    }

    Basket& basket_;
    http::Url root_;
    std::size_t directories_ = 0;
};

}  // namespace

void fetch_ftp_directory(Basket& basket, const std::string& url) {
    FtpTree(basket, as_directory(http::Url::parse(url))).fetch();
}

}  // namespace fetch
