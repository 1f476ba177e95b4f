// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/seen_sources.hpp"

#include <nlohmann/json.hpp>

#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/lock.hpp"
#include "core/system/temporaries.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

using nlohmann::json;

constexpr int format_version = 1;
constexpr std::size_t most_sources = 4096;
constexpr std::uint64_t largest_file = 64u << 20;

json json_of(const SourceKey& source, core::Time made) {
    return {{"url", source.url},
            {"suite", source.suite},
            {"key", source.fingerprint},
            {"made", core::format_time(made)}};
}

SourceKey key_of(const json& object) {
    return {object.at("url"), object.at("suite"), object.at("key")};
}

std::string forgetting(const SourceKey& source) {
    return "sluice bridge forget-source '" + source.url + "'";
}

}  // namespace

std::string source_name(const std::string& url) {
    std::string name;
    for (const char c : as_directory(http::Url::parse(url)).text()) {
        const bool plain = c != '\'' && static_cast<unsigned char>(c) < 0x80;
        name += plain ? std::string(1, c) : core::percent_encoded(std::string_view(&c, 1));
    }
    return name;
}

void SeenSources::refuse_older(const Sighting& sighting) const {
    const Times times = load();
    const auto seen = times.find(sighting.source);
    if (seen == times.end() || sighting.made >= seen->second) return;
    const SourceKey& source = sighting.source;
    const std::string suite = source.suite.empty() ? "" : ", suite " + core::escaped(source.suite);
    throw core::Refused(
        core::reason::source_replayed,
        core::escaped(source.url) + suite + ": its signed metadata is of " +
            core::format_time(sighting.made) + ", but metadata of " +
            core::format_time(seen->second) + " was seen before, signed by the same key " +
            core::escaped(source.fingerprint),
        "Offer the repository's newest state, or sign it anew. If it was really set back, an "
        "operator has what was seen forgotten: " +
            core::escaped(forgetting(source)));
}

void SeenSources::record(const Sighting& sighting) {
    core::make_directories(file_.parent_path());
    const core::Lock held = core::Lock::wait(lock());
    Times times = load();
    if (!times.contains(sighting.source) && times.size() >= most_sources) {
        throw core::Error(file_.string() + " remembers " + std::to_string(most_sources) +
                          " sources, which is the most; forget some that are no longer used, such "
                          "as with " +
                          core::escaped(forgetting(times.begin()->first)));
    }
    const auto [seen, is_new] = times.emplace(sighting.source, sighting.made);
    if (!is_new && sighting.made <= seen->second) return;
    seen->second = sighting.made;
    save(times);
}

std::size_t SeenSources::forget(const std::string& url) {
    if (!core::status_of(file_)) return 0;
    const core::Lock held = core::Lock::wait(lock());
    Times times = load();
    const std::string name = source_name(url);
    const std::size_t forgotten =
        std::erase_if(times, [&](const auto& seen) { return seen.first.url == name; });
    if (forgotten != 0) save(times);
    return forgotten;
}

SeenSources::Times SeenSources::load() const {
    if (!core::status_of(file_)) return {};
    return core::with_context(file_.string(), [&] {
        try {
            const json object = json::parse(core::read_file(file_, largest_file));
            if (object.at("format") != format_version) throw core::Error("made by another version");
            Times times;
            for (const json& one : object.at("sources")) {
                times[key_of(one)] = core::parse_time(one.at("made").get<std::string>());
            }
            return times;
        } catch (const json::exception& error) {
            throw core::Error(error.what());
        }
    });
}

void SeenSources::save(const Times& times) const {
    json sources = json::array();
    for (const auto& [source, made] : times) sources.push_back(json_of(source, made));
    const json object{{"format", format_version}, {"sources", sources}};
    core::remove_temporaries_of(file_);
    core::write_file(
        file_,
        core::escaped_json(object.dump(1, ' ', false, json::error_handler_t::replace)) + "\n",
        true);
}

std::filesystem::path SeenSources::lock() const {
    return file_.string() + ".lock";
}

}  // namespace fetch
