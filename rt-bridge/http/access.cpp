// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/access.hpp"

#include <algorithm>
#include <array>

#include "core/model/text.hpp"
#include "rt-bridge/http/failure.hpp"

namespace http {
namespace {

struct UsualPort {
    std::string_view scheme;
    int port;
};
constexpr std::array<UsualPort, 4> usual_ports{
    {{"https", 443}, {"http", 80}, {"ftp", 21}, {"rsync", 873}}};

bool is_usual(const Url& url) {
    return std::any_of(usual_ports.begin(), usual_ports.end(), [&](const UsualPort& usual) {
        return usual.scheme == url.scheme && usual.port == url.port;
    });
}

struct Entry {
    std::string host;
    std::string port;  // empty: the usual one
};

Entry split_entry(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t end = bracketed ? text.find(']') : text.find(':');
    if (end == std::string_view::npos) return {core::lower(text), {}};
    const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    std::string_view rest = text.substr(bracketed ? end + 1 : end);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    return {core::lower(host), std::string(rest)};
}

bool names(const Entry& entry, const std::string& host) {
    if (!entry.host.starts_with("*.")) return entry.host == host;
    const std::string_view suffix = std::string_view(entry.host).substr(1);
    return host.size() > suffix.size() && host.ends_with(suffix);
}

bool allows(const std::string& text, const Url& url) {
    const Entry entry = split_entry(text);
    if (!names(entry, url.host)) return false;
    return entry.port.empty() ? is_usual(url) : entry.port == std::to_string(url.port);
}

}  // namespace

Access Access::to(std::string_view text) {
    const Url url = Url::parse(text);
    const bool v6 = url.host.find(':') != std::string::npos;
    Access access;
    access.schemes = {url.scheme};
    access.hosts = {(v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port)};
    access.any_address = true;
    return access;
}

void Access::check(const Url& url) const {
    if (std::find(schemes.begin(), schemes.end(), url.scheme) == schemes.end()) {
        throw Failure(Trouble::forbidden, core::escaped(url.text()) + ": only " +
                                              core::join(schemes, ", ") + " may be used");
    }
    if (std::none_of(hosts.begin(), hosts.end(),
                     [&](const std::string& entry) { return allows(entry, url); })) {
        throw Failure(Trouble::forbidden, core::escaped(url.text()) + ": downloads from " +
                                              core::escaped(url.host) + " port " +
                                              std::to_string(url.port) + " are not allowed");
    }
}

bool Access::permits(const Address& address) const {
    if (any_address || is_public(address)) return true;
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Network& network) { return network.contains(address); });
}

}  // namespace http
