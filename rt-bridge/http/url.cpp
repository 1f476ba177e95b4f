// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/http/url.hpp"

#include <memory>

#include "core/model/text.hpp"
#include "rt-bridge/http/curl.hpp"
#include "rt-bridge/http/failure.hpp"

namespace http {
namespace {

struct Cleanup {
    void operator()(CURLU* handle) const { curl().url_cleanup(handle); }
    void operator()(char* text) const { curl().free(text); }
};
using Handle = std::unique_ptr<CURLU, Cleanup>;
using Text = std::unique_ptr<char, Cleanup>;

Failure not_usable(std::string_view text, const std::string& why) {
    return {Trouble::forbidden,
            "\"" + core::escaped(text.substr(0, 500)) + "\" is not a URL to be used: " + why};
}

void set(const Handle& handle, std::string_view text) {
    if (text.size() > 4096) throw not_usable(text, "it is longer than 4096 characters");
    if (text.find('\0') != std::string_view::npos || core::has_control_characters(text)) {
        throw not_usable(text, "it has control characters");
    }
    const CURLUcode code = curl().url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(),
                                          CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
    if (code != CURLUE_OK) throw not_usable(text, curl().url_strerror(code));
}

std::string part(const Handle& handle, CURLUPart which, unsigned flags = 0) {
    char* value = nullptr;
    if (curl().url_get(handle.get(), which, &value, flags) != CURLUE_OK) return {};
    const Text owner(value);
    return value;
}

Url parts(const Handle& handle, std::string_view text) {
    Url url;
    url.scheme = core::lower(part(handle, CURLUPART_SCHEME));
    url.host = core::lower(part(handle, CURLUPART_HOST));
    url.path = part(handle, CURLUPART_PATH);
    url.query = part(handle, CURLUPART_QUERY);
    url.port =
        core::whole_number<int>(part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT)).value_or(0);
    if (url.port == 0 && url.scheme == "rsync") url.port = 873;  // libcurl does not know it
    if (url.host.empty()) throw not_usable(text, "it names no host");
    if (url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
    // "host." and "host" are one name, and only one of them is in an allow-list.
    if (url.host.back() == '.') url.host.pop_back();
    return url;
}

Handle made() {
    Handle handle(curl().url());
    if (!handle) throw core::Error("libcurl cannot parse URLs");
    return handle;
}

}  // namespace

Url Url::parse(std::string_view text) {
    const Handle handle = made();
    set(handle, text);
    return parts(handle, text);
}

std::string Url::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    std::string result = scheme + "://" + (v6 ? "[" + host + "]" : host);
    if (port != 0) result += ":" + std::to_string(port);
    result += path;
    if (!query.empty()) result += "?" + query;
    return result;
}

std::string Url::file_name() const {
    const std::string last = path.substr(path.rfind('/') + 1);
    int size = 0;
    const Text decoded(
        curl().easy_unescape(nullptr, last.data(), static_cast<int>(last.size()), &size));
    return decoded ? std::string(decoded.get(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace http
