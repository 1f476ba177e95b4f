// SPDX-License-Identifier: GPL-3.0-or-later
// GnuPG for a large process. GPGME forks, twice, for every signature it makes or checks; and a fork
// costs as much as the forking process is large: its page tables are copied, and afterwards every
// page that any thread writes to costs a fault. Forked early, a process that stays small does it.
#pragma once

#include <filesystem>
#include <memory>

#include "core/signer.hpp"
#include "signing/signer.hpp"

namespace signing {

/// Signs with one key, and judges in fresh keyrings, as `signer` and verifier_maker() do; what they
/// throw is thrown here. If the process ends (killed, out of memory), what it was asked for, and
/// all that it is asked for later, is an Error. Safe to use from several threads, but not from a
/// process that the caller forks later: whoever reads hostile bytes in one must not get signatures
/// by it. That is an Error too.
class GnupgProcess {
  public:
    /// Made while the caller has no other thread: a fork takes only the calling one along, and the
    /// others may hold a lock. Descriptors that are open stay open in the process as long as it
    /// lives, so no lock should be held. It ends at once when the caller dies. `signer` is borrowed
    /// for this call; only the fork uses it.
    explicit GnupgProcess(const GpgSigner& signer);

    /// Waits for the process to end. What was made by verifier_maker() may live longer.
    ~GnupgProcess();

    const core::Signer& signer() const { return *signer_; }
    core::VerifierMaker verifier_maker(std::filesystem::path scratch) const;

  private:
    class Lanes;
    class RemoteSigner;
    class RemoteVerifier;

    std::shared_ptr<Lanes> lanes_;
    std::unique_ptr<const core::Signer> signer_;
    int process_ = -1;
};

}  // namespace signing
