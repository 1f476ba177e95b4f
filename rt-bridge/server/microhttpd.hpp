// SPDX-License-Identifier: GPL-3.0-or-later
// libmicrohttpd, loaded when it is first used. Private to this folder.
#pragma once

#include <microhttpd.h>

#include "core/system/shared_library.hpp"

namespace server {

/// The functions in use.
struct Microhttpd {
    core::SharedLibrary library{"libmicrohttpd.so.12"};
    decltype(&MHD_add_connection) add_connection = library.function("MHD_add_connection");
    decltype(&MHD_add_response_header) add_response_header =
        library.function("MHD_add_response_header");
    decltype(&MHD_create_response_from_buffer_with_free_callback_cls) response_of_buffer =
        library.function("MHD_create_response_from_buffer_with_free_callback_cls");
    decltype(&MHD_create_response_from_callback) response_of_callback =
        library.function("MHD_create_response_from_callback");
    decltype(&MHD_create_response_from_fd_at_offset64) response_of_file =
        library.function("MHD_create_response_from_fd_at_offset64");
    decltype(&MHD_destroy_response) destroy_response = library.function("MHD_destroy_response");
    decltype(&MHD_get_connection_info) get_connection_info =
        library.function("MHD_get_connection_info");
    decltype(&MHD_get_connection_values) get_connection_values =
        library.function("MHD_get_connection_values");
    decltype(&MHD_lookup_connection_value) lookup_connection_value =
        library.function("MHD_lookup_connection_value");
    decltype(&MHD_queue_response) queue_response = library.function("MHD_queue_response");
    decltype(&MHD_start_daemon) start_daemon = library.function("MHD_start_daemon");
    decltype(&MHD_stop_daemon) stop_daemon = library.function("MHD_stop_daemon");
};

/// Loaded by the first call: it brings GnuTLS, which no command at a terminal needs.
const Microhttpd& mhd();

}  // namespace server
