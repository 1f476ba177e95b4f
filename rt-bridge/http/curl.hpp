// SPDX-License-Identifier: GPL-3.0-or-later
// libcurl, loaded when it is first used. Private to this folder.
#pragma once

#include <curl/curl.h>

#include "core/system/shared_library.hpp"

namespace http {

/// The functions in use.
struct Curl {
    core::SharedLibrary library{"libcurl.so.4"};
    decltype(&curl_easy_cleanup) easy_cleanup = library.function("curl_easy_cleanup");
    decltype(&curl_easy_getinfo) easy_getinfo = library.function("curl_easy_getinfo");
    decltype(&curl_easy_init) easy_init = library.function("curl_easy_init");
    decltype(&curl_easy_perform) easy_perform = library.function("curl_easy_perform");
    decltype(&curl_easy_reset) easy_reset = library.function("curl_easy_reset");
    decltype(&curl_easy_setopt) easy_setopt = library.function("curl_easy_setopt");
    decltype(&curl_easy_strerror) easy_strerror = library.function("curl_easy_strerror");
    decltype(&curl_easy_unescape) easy_unescape = library.function("curl_easy_unescape");
    decltype(&curl_free) free = library.function("curl_free");
    decltype(&curl_global_init) global_init = library.function("curl_global_init");
    decltype(&curl_slist_append) slist_append = library.function("curl_slist_append");
    decltype(&curl_slist_free_all) slist_free_all = library.function("curl_slist_free_all");
    decltype(&curl_url) url = library.function("curl_url");
    decltype(&curl_url_cleanup) url_cleanup = library.function("curl_url_cleanup");
    decltype(&curl_url_get) url_get = library.function("curl_url_get");
    decltype(&curl_url_set) url_set = library.function("curl_url_set");
    decltype(&curl_url_strerror) url_strerror = library.function("curl_url_strerror");
};

/// Loaded by the first call: it brings a third of all libraries, and commands at a terminal do
/// without.
const Curl& curl();

}  // namespace http
