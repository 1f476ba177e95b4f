// SPDX-License-Identifier: GPL-3.0-or-later
// How a transfer can fail. It is an Error here, because this folder does not know who asked;
// rt-bridge/fetch turns what a provider's URL did into Refused.
#pragma once

#include <string>

#include "core/model/error.hpp"

namespace http {

enum class Trouble {
    forbidden,    // scheme, host, port or address is not allowed
    unreachable,  // no name, no connection, no TLS
    too_slow,     // the total time, or too little came for too long
    too_large,    // more bytes than asked for
    broken,       // cut short, or the peer does not keep to the protocol
};

class Failure : public core::Error {
  public:
    Failure(Trouble trouble, const std::string& text) : core::Error(text), trouble_(trouble) {}

    Trouble trouble() const { return trouble_; }

  private:
    Trouble trouble_;
};

}  // namespace http
