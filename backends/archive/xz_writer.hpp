// SPDX-License-Identifier: GPL-3.0-or-later
// An xz file of one stream: dnf, zypper and apt all reject several.
#pragma once

#include <memory>
#include <string_view>

#include "core/system/files.hpp"

namespace archive {

/// A stream of independent blocks, made with all cores; how many there are changes no byte.
class XzWriter {
  public:
    XzWriter();
    ~XzWriter();

    /// Compresses `input`; what is ready goes to `output`. After the last piece all of it does.
    void encode(std::string_view input, bool last, core::File& output);

  private:
    struct State;

    std::unique_ptr<State> state_;
};

}  // namespace archive
