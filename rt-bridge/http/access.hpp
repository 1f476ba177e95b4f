// SPDX-License-Identifier: GPL-3.0-or-later
// Where transfers may go, against SSRF: nothing is allowed that is not named here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rt-bridge/http/address.hpp"
#include "rt-bridge/http/url.hpp"

namespace http {

struct Access {
    std::vector<std::string> schemes{"https", "http", "ftp"};

    /// "repo.example.org": at the usual port of the scheme; "repo.example.org:8080": at this port;
    /// "*.example.org": every name below example.org. An IPv6 address stands in brackets.
    std::vector<std::string> hosts;

    /// Addresses that are not public but allowed all the same.
    std::vector<Network> networks;

    /// The host of a configured URL is trusted, whatever its address: for the ticket system itself.
    bool any_address = false;

    /// Access to the server of one configured URL and to nothing else.
    static Access to(std::string_view url);

    /// Throws Failure (forbidden) with the reason.
    void check(const Url& url) const;
    bool permits(const Address& address) const;
};

}  // namespace http
