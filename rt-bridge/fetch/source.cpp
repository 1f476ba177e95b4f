// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/source.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace fetch {
namespace {

core::Refused unknown(std::string_view location, const std::string& remedy) {
    const bool blank = core::trimmed(location).empty();
    return {core::reason::source_unknown,
            blank ? "nothing says where packages are"
                  : "\"" + core::escaped(location.substr(0, 500)) +
                        "\" does not say where packages are",
            remedy};
}

std::string scheme_of(std::string_view url) {
    const std::size_t end = url.find("://");
    return end == std::string_view::npos ? std::string() : core::lower(url.substr(0, end));
}

/// Without "deb" in front and options in brackets, as a line of sources.list may have them.
std::vector<std::string> apt_words(const std::vector<std::string>& words) {
    auto first = words.begin();
    if (first != words.end() && *first == "deb") ++first;
    while (first != words.end() && first->starts_with('[')) {
        first = std::find_if(first, words.end(),
                             [](const std::string& word) { return word.ends_with(']'); });
        if (first != words.end()) ++first;
    }
    return {first, words.end()};
}

Source apt_source(std::string_view location) {
    const auto words = apt_words(core::split(location, " \t\r\n"));
    if (words.size() >= 2) {
        return {Kind::apt, {words[0]}, words[1], {words.begin() + 2, words.end()}};
    }
    const std::string url = words.empty() ? std::string() : words.front();
    const std::size_t dists = url.rfind("/dists/");
    if (dists == std::string::npos) {
        throw unknown(location, "Write an apt repository as \"URL SUITE COMPONENT\".");
    }
    std::string suite = url.substr(dists + 7);
    for (const std::string_view file : {"InRelease", "Release"}) {
        if (suite.ends_with(file)) suite.resize(suite.size() - file.size());
    }
    while (suite.ends_with('/')) suite.pop_back();
    if (suite.empty()) throw unknown(location, "Name the suite below dists/.");
    return {Kind::apt, {url.substr(0, dists)}, suite, {}};
}

Source yum_source(std::string url) {
    const std::size_t repodata = url.rfind("/repodata");
    if (repodata != std::string::npos && !scheme_of(url).empty()) url.resize(repodata);
    return {Kind::yum, {url}, {}, {}};
}

Source single(Kind kind, const std::vector<std::string>& urls, std::string_view location) {
    if (urls.size() != 1) throw unknown(location, "Name one directory or repository.");
    return {kind, urls, {}, {}};
}

}  // namespace

Source source_of(std::string_view protocol_text, std::string_view location) {
    const std::string protocol = core::lower(core::trimmed(protocol_text));
    const auto urls = core::split(location, " \t\r\n");
    if (urls.empty()) throw unknown(location, "Give a URL.");
    if (protocol == "deb" || protocol == "apt") return apt_source(location);
    for (const std::string& url : urls) {
        if (scheme_of(url).empty())
            throw unknown(location, "Write a URL with http:// or the like.");
    }
    const std::string scheme = scheme_of(urls.front());
    const bool repository = urls.front().find("/repodata") != std::string::npos;
    if (protocol == "yum" || protocol == "rpm" || repository) {
        return yum_source(single(Kind::yum, urls, location).urls.front());
    }
    if (scheme == "rsync") return single(Kind::rsync, urls, location);
    if (scheme == "ftp" && urls.front().ends_with('/')) {
        return single(Kind::ftp_directory, urls, location);
    }
    if (scheme != "http" && scheme != "https" && scheme != "ftp") {
        throw unknown(location, "Use http, https, ftp, rsync, or a yum or apt repository.");
    }
    if (urls.front().ends_with('/')) {
        throw unknown(location,
                      "Set SynchProtocol to yum or deb if this is a repository; else name the "
                      "archive or the package files.");
    }
    return {Kind::files, urls, {}, {}};
}

}  // namespace fetch
