// SPDX-License-Identifier: GPL-3.0-or-later
// Why an archive cannot be read. It is a refusal with a bundle's reason code; who reads archives
// for another purpose (the two inside a .deb) catches it and says it in his own words.
#pragma once

#include <string>

#include "core/model/error.hpp"

namespace archive {

enum class Fault {
    empty,      // no bytes at all, or nothing after decompression
    unknown,    // neither tar nor zip, or a form of them that is not read
    corrupt,    // damaged, or two statements in it contradict each other
    truncated,  // ends before its end
    trailing,   // bytes after the archive's end
    encrypted,
    nested,      // a compressed file inside the compressed file
    too_many,    // members
    too_large,   // bytes, of one member or in total
    too_dense,   // bytes out for bytes in
    dictionary,  // memory that its compressor asks for
    name_too_long,
};

class Broken : public core::Refused {
  public:
    Broken(Fault fault, const std::string& message, std::string remedy = {});

    Fault fault() const { return fault_; }

  private:
    Fault fault_;
};

}  // namespace archive
