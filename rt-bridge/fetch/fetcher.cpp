// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/fetcher.hpp"

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/apt.hpp"
#include "rt-bridge/fetch/basket.hpp"
#include "rt-bridge/fetch/ftp.hpp"
#include "rt-bridge/fetch/rsync.hpp"
#include "rt-bridge/fetch/yum.hpp"

namespace fetch {
namespace {

void fetch_files(Basket& basket, const std::vector<std::string>& urls) {
    for (const std::string& url : urls) basket.add(url, http::Url::parse(url).file_name());
}

}  // namespace

Fetcher::Fetcher(Settings settings, const core::Clock& clock, const core::Cells& cells,
                 std::optional<Trust> trust, http::Progress progress)
    : settings_(std::move(settings)),
      clock_(clock),
      cells_(cells),
      trust_(trust),
      progress_(std::move(progress)) {}

std::filesystem::path Fetcher::fetch(const Source& source, const std::filesystem::path& directory) {
    const auto end = std::chrono::steady_clock::now() + settings_.bounds.time;
    if (source.kind == Kind::rsync) {
        fetch_rsync(source.urls.front(), settings_, end, directory, progress_);
        return directory;
    }
    http::Client client(settings_.access, settings_.limits, settings_.authorities);
    client.end_by(end);
    client.on_progress(progress_);
    Basket basket(client, cells_, settings_.bounds, directory);
    std::optional<Sighting> sighting;
    refusing([&] {
        if (source.kind == Kind::files) fetch_files(basket, source.urls);
        if (source.kind == Kind::ftp_directory) fetch_ftp_directory(basket, source.urls.front());
        if (source.kind == Kind::yum) sighting = fetch_yum(basket, source.urls.front(), trust_);
        if (source.kind == Kind::apt) sighting = fetch_apt(basket, source, clock_, trust_);
    });
    if (basket.files() == 0) {
        throw core::Refused(core::reason::download_content,
                            core::escaped(source.urls.front()) + " holds no packages");
    }
    if (sighting) trust_->seen.record(*sighting);
    return basket.archive().value_or(directory);
}

}  // namespace fetch
