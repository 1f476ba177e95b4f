// SPDX-License-Identifier: GPL-3.0-or-later
// The words in which a ticket is told what came of its request.
#pragma once

#include "core/error.hpp"
#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/bridge/releases.hpp"
#include "rt-bridge/bridge/request.hpp"

namespace bridge {

class Answers {
  public:
    explicit Answers(const Configuration& configuration) : configuration_(configuration) {}

    /// `now` is where the release stands, which may be further than where the request took it.
    Answer done(const Request& request, rt::Action action, const Done& done, rt::Standing now,
                const ReleaseView& release) const;

    /// The release stands already where it was asked to go.
    Answer nothing(const Request& request, rt::Action action, rt::Standing now,
                   const ReleaseView& release) const;

    Answer dry_run(const Request& request, const Done& done) const;

    /// The request broke a rule.
    Answer failed(const Request& request, const core::Refused& refused) const;

    /// The request was not theirs to make: the ticket stays as it is.
    Answer not_permitted(const Request& request, const core::Refused& refused) const;

    /// Somebody moved the release without a ticket.
    Answer followed(const Moved& moved, rt::Standing now, const ReleaseView& release) const;

  private:
    Answer standing(rt::Standing now, const ReleaseView& release) const;

    const Configuration& configuration_;
};

rt::Status status_of(rt::Standing standing);

}  // namespace bridge
