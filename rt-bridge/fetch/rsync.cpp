// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/rsync.hpp"

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "rt-bridge/fetch/basket.hpp"
#include "rt-bridge/fetch/process.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

namespace fs = std::filesystem;
namespace reason = core::reason;

/// rsync resolves names by itself, so it is given an address that was judged (DNS rebinding).
http::Url checked_url(const std::string& text, const http::Access& access) {
    http::Url url = as_directory(http::Url::parse(text));
    access.check(url);
    if (url.path == "/") {
        throw http::Failure(http::Trouble::forbidden, core::escaped(text) + " names no module");
    }
    const auto addresses = http::resolve(url.host);
    for (const http::Address& address : addresses) {
        if (!access.permits(address)) {
            throw http::Failure(http::Trouble::forbidden,
                                core::escaped(text) + ": the host is at " + address.text() +
                                    ", where downloads are not allowed to go");
        }
    }
    if (!addresses.empty()) url.host = addresses.front().text();
    return url;
}

/// Regular files with wanted names, nothing else: no links, devices, owners, modes or programs.
std::vector<std::string> arguments_for(const http::Url& url, const Settings& settings,
                                       const fs::path& directory) {
    const std::string seconds = std::to_string(settings.limits.slow_for.count());
    const auto connect = std::chrono::ceil<std::chrono::seconds>(settings.limits.connect);
    return {"rsync",
            "--recursive",
            "--no-motd",
            "--prune-empty-dirs",
            "--chmod=D0755,F0644",
            "--timeout=" + seconds,
            "--contimeout=" + std::to_string(connect.count()),
            "--include=*/",
            "--include=*.rpm",
            "--include=*.deb",
            "--include=*.xml",
            "--exclude=*",
            "--",
            url.text(),
            directory.string() + "/"};
}

struct Count {
    std::size_t files = 0;
    std::uint64_t bytes = 0;
};

/// The tree changes while this looks at it.
Count count(const fs::path& directory) {
    Count sum;
    for (const core::Entry& entry : core::files_below(directory, core::Absent::is_empty)) {
        const auto status = core::status_of(entry.path, core::Links::are_seen);
        if (!status || !S_ISREG(status->st_mode)) continue;
        ++sum.files;
        sum.bytes += static_cast<std::uint64_t>(status->st_size);
    }
    return sum;
}

class Watch {
  public:
    Watch(const http::Url& url, const Settings& settings, std::chrono::steady_clock::time_point end,
          const fs::path& directory, const http::Progress& progress)
        : url_(url), settings_(settings), end_(end), directory_(directory), progress_(progress) {}

    void operator()() const {
        if (std::chrono::steady_clock::now() > end_) refuse("takes too long");
        const Count now = count(directory_);
        if (now.bytes > settings_.bounds.total_bytes) refuse("is too large");
        if (now.files > settings_.bounds.files) refuse("has too many files");
        if (progress_) progress_(url_, now.bytes, 0);
    }

  private:
    void refuse(const std::string& what) const {
        throw core::Refused(reason::download_limit, core::escaped(url_.text()) + " " + what,
                            "Hand in a directory that holds one release only.");
    }

    const http::Url& url_;
    const Settings& settings_;
    std::chrono::steady_clock::time_point end_;
    const fs::path& directory_;
    const http::Progress& progress_;
};

void check_contents(const fs::path& directory, const http::Url& url) {
    const auto files = core::files_below(directory);
    for (const core::Entry& file : files) {
        const Content content =
            file.kind == core::Kind::file ? content_of_file(file.path) : Content::other;
        if (content != Content::package && content != Content::xml) {
            throw core::Refused(reason::download_content, core::escaped(url.text()) + ": " +
                                                              core::escaped(file.name()) + " is " +
                                                              std::string(description(content)));
        }
    }
    if (files.empty()) {
        throw core::Refused(reason::download_content,
                            core::escaped(url.text()) + " holds no packages");
    }
}

}  // namespace

void fetch_rsync(const std::string& text, const Settings& settings,
                 std::chrono::steady_clock::time_point end, const fs::path& directory,
                 const http::Progress& progress) {
    const http::Url url = refusing([&] { return checked_url(text, settings.access); });
    const Watch watch(url, settings, end, directory, progress);
    const Finished finished =
        run_program(arguments_for(url, settings, directory), settings.bounds.file_bytes, watch);
    if (finished.exit_code != 0) {
        const auto lines = core::split(finished.errors, "\r\n");
        throw core::Refused(
            reason::download_failed,
            core::escaped(text) + ": rsync failed: " +
                (lines.empty() ? "it was stopped" : core::escaped(lines.front())),
            "Check that the URL can be downloaded, and that no file is larger than " +
                std::to_string(settings.bounds.file_bytes) + " bytes.");
    }
    check_contents(directory, url);
}

}  // namespace fetch
