// SPDX-License-Identifier: GPL-3.0-or-later
// libarchive's headers, for this folder only. They declare `struct archive`, which would collide
// with the namespace of this folder; the functions have C linkage, so another name for the type
// changes nothing.
#pragma once

#define archive libarchive_handle
#include <archive.h>
#include <archive_entry.h>
#undef archive

#include <memory>
#include <string>

namespace archive {

struct HandleCloser {
    void operator()(libarchive_handle* handle) const { archive_read_free(handle); }
};
using Handle = std::unique_ptr<libarchive_handle, HandleCloser>;

inline std::string reason_of(libarchive_handle* handle) {
    const char* text = archive_error_string(handle);
    return text == nullptr ? "unknown reason" : text;
}

}  // namespace archive
