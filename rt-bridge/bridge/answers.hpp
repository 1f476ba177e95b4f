// SPDX-License-Identifier: GPL-3.0-or-later
// The words in which a ticket is told what came of its request.
#pragma once

#include "core/model/error.hpp"
#include "rt-bridge/bridge/configuration.hpp"
#include "rt-bridge/bridge/releases.hpp"
#include "rt-bridge/bridge/request.hpp"

namespace bridge {

class Answers {
  public:
    explicit Answers(const Configuration& configuration) : configuration_(configuration) {}

    /// The release may stand further on than where the request took it.
    Answer done(const Request& request, rt::Action action, const Done& done,
                const ReleaseView& release) const;

    /// The release stands already where it was asked to go.
    Answer nothing(const Request& request, rt::Action action, const ReleaseView& release) const;

    Answer dry_run(const Request& request, const Done& done) const;

    /// The request broke a rule.
    Answer failed(const Request& request, const core::Refused& refused) const;

    /// The request was not theirs to make: the ticket stays as it is.
    Answer not_permitted(const Request& request, const core::Refused& refused) const;

    /// Somebody moved the release without a ticket.
    Answer followed(const Moved& moved, const ReleaseView& release) const;

    /// Something was attached when the release had been admitted: it has no part in it.
    Answer late(const Request& request, const std::vector<std::string>& attached,
                const ReleaseView& release) const;

    /// For the end of a comment: what others brought and nobody took. Empty if there is none.
    std::string passed_over(const std::vector<std::string>& brought) const;

    /// For the end of a comment: an emergency was asked for by somebody who cannot grant it.
    std::string only_asked(const std::string& by) const;

    /// For the end of a comment: the operation was done, and the disk was in trouble then.
    static std::string unconfirmed(std::uint64_t operation);

  private:
    Answer standing(const ReleaseView& release) const;
    std::string next_step(const std::string& stage) const;
    std::string who_may(rt::Action action) const;

    const Configuration& configuration_;
};

}  // namespace bridge
