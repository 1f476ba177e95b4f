// SPDX-License-Identifier: GPL-3.0-or-later
// The headers of libcreaterepo_c 0.17.3 and librpm, made fit for C++20. Private to this folder.
//
// Two things are forced on us: a struct member is named `requires`, a keyword of C++20, so the name
// is replaced while the headers are read; and the umbrella header opens extern "C" around glib, so
// glib comes first and the single headers after it.
#pragma once

#include <curl/curl.h>
#include <glib.h>
#include <rpm/header.h>
#include <rpm/rpmlib.h>

#define requires requires_
#include <createrepo_c/error.h>
#include <createrepo_c/package.h>
#include <createrepo_c/parsehdr.h>
#include <createrepo_c/repomd.h>
#include <createrepo_c/xml_dump.h>
#include <createrepo_c/xml_parser.h>
#undef requires

#include <memory>

namespace yum {

/// `unique_ptr` for a C handle: the function that frees it is part of the type.
template <auto free_function>
struct Free {
    template <class T>
    void operator()(T* handle) const {
        free_function(handle);
    }
};

using HeaderHandle = std::unique_ptr<headerToken_s, Free<headerFree>>;
using PackageHandle = std::unique_ptr<cr_Package, Free<cr_package_free>>;
using RepomdHandle = std::unique_ptr<cr_Repomd, Free<cr_repomd_free>>;
using TextHandle = std::unique_ptr<char, Free<free>>;
using ErrorHandle = std::unique_ptr<GError, Free<g_error_free>>;

}  // namespace yum
