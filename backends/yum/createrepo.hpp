// SPDX-License-Identifier: GPL-3.0-or-later
// libcreaterepo_c 0.17.3 and librpm, made fit for C++20. Private to this folder.
//
// A struct member is named `requires`, a keyword of C++20, so the name is replaced while the
// headers are read. The umbrella header would open extern "C" around glib; so single headers are
// read, glib first.
#pragma once

#include <glib.h>
#include <rpm/header.h>
#include <rpm/rpmlib.h>

#define requires requires_
#include <createrepo_c/package.h>
#include <createrepo_c/parsehdr.h>
#include <createrepo_c/xml_dump.h>
#undef requires

#include <memory>

#include "core/system/shared_library.hpp"

namespace yum {

/// The functions in use of libcreaterepo_c and of glib, which comes with it.
struct Createrepo {
    core::SharedLibrary library{"libcreaterepo_c.so.0"};
    decltype(&cr_package_free) package_free = library.function("cr_package_free");
    decltype(&cr_package_from_header) package_from_header =
        library.function("cr_package_from_header");
    decltype(&cr_xml_dump) xml_dump = library.function("cr_xml_dump");
    decltype(&cr_xml_dump_init) xml_dump_init = library.function("cr_xml_dump_init");
    decltype(&g_error_free) error_free = library.function("g_error_free");
    decltype(&g_log_set_handler) log_set_handler = library.function("g_log_set_handler");
    decltype(&g_string_chunk_insert) string_chunk_insert =
        library.function("g_string_chunk_insert");
};

/// Loaded by the first call: it brings more libraries than all others together, and only those who
/// read RPMs need them.
const Createrepo& createrepo();

struct Cleanup {
    void operator()(headerToken_s* header) const { headerFree(header); }
    void operator()(cr_Package* package) const { createrepo().package_free(package); }
    void operator()(GError* error) const { createrepo().error_free(error); }
    void operator()(char* text) const { free(text); }
};
using HeaderHandle = std::unique_ptr<headerToken_s, Cleanup>;
using PackageHandle = std::unique_ptr<cr_Package, Cleanup>;
using ErrorHandle = std::unique_ptr<GError, Cleanup>;
using TextHandle = std::unique_ptr<char, Cleanup>;

}  // namespace yum
