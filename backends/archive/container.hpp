// SPDX-License-Identifier: GPL-3.0-or-later
// What Reader asks of the two container formats, and how it gets them.
#pragma once

#include <memory>

#include "backends/archive/reader.hpp"

namespace archive {

class Reader::Container {
  public:
    virtual ~Container() = default;
    virtual const Member* next() = 0;
    virtual void read(const Sink& sink) = 0;
};

std::unique_ptr<Reader::Container> open_tar(Source source, const Options& options);
std::unique_ptr<Reader::Container> open_zip(Source source, const Options& options);

}  // namespace archive
