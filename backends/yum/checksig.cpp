// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/checksig.hpp"

#include <fmt/format.h>
#include <memory>
#include <rpm/rpmcli.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmts.h>
#include <unistd.h>

#include "backends/yum/libraries.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

struct Free {
    void operator()(rpmts_s* transaction) const { rpmtsFree(transaction); }
    void operator()(rpmKeyring_s* keyring) const { rpmKeyringFree(keyring); }
    void operator()(_FD_s* file) const { Fclose(file); }
};

/// One that asks neither the configuration nor the database of the machine's own rpm.
std::unique_ptr<rpmts_s, Free> transaction_without_keys() {
    std::unique_ptr<rpmts_s, Free> transaction(rpmtsCreate());
    const std::unique_ptr<rpmKeyring_s, Free> none(rpmKeyringNew());
    rpmtsSetKeyring(transaction.get(), none.get());
    rpmtsSetVfyFlags(transaction.get(), RPMVSF_DEFAULT);
    rpmtsSetVfyLevel(transaction.get(), RPMSIG_DIGEST_TYPE);
    return transaction;
}

/// What librpm is asked about is called so in its log.
constexpr const char* name_in_log = "the package";

/// librpm tells more than "not good" only in its log. There each digest and signature has a line
/// of its own that ends with the verdict, and is made of numbers and names that librpm knows.
class Verdict {
  public:
    Verdict(const std::vector<std::string>& lines, std::string_view file) {
        for (std::string_view line : lines) {
            const bool result = line.starts_with("    ");
            if (line.starts_with(file)) line.remove_prefix(file.size());
            line = core::trimmed(line);
            if (result) {
                ++results_;
                if (line.ends_with(": OK") || line.ends_with(": NOKEY")) continue;
                add(bad_, line);
                digests_ = digests_ || line.find(" digest: ") != std::string_view::npos;
            } else if (!line.starts_with(name_in_log)) {
                add(others_, line);
            }
        }
    }

    /// Whether all that is not good is signatures of keys that nobody knows here.
    bool keys_alone() const { return results_ > 0 && bad_.empty(); }

    /// Digests are those of the bytes; if they are right it is the signature that is none.
    core::reason::Code reason() const {
        return bad_.empty() || digests_ ? core::reason::package_corrupt
                                        : core::reason::bad_signature;
    }

    std::string words() const {
        constexpr std::size_t most = 600;
        const std::string& words = bad_.empty() ? others_ : bad_;
        return words.empty() ? "it gives no reason" : words.substr(0, most);
    }

  private:
    static void add(std::string& words, std::string_view line) {
        words += (words.empty() ? "" : "; ") + core::escaped(line);
    }

    std::size_t results_ = 0;
    bool digests_ = false;  // one of them is bad
    std::string bad_;
    std::string others_;
};

}  // namespace

void check_as_rpm_does(const core::File& file) {
    const auto lock = lock_libraries();
    const RpmLog log;
    const auto transaction = transaction_without_keys();
    if (::lseek(file.descriptor(), 0, SEEK_SET) != 0) throw core::system_error("cannot read");
    const std::unique_ptr<_FD_s, Free> again(fdDup(file.descriptor()));
    if (!again) throw core::system_error("cannot read a package");
    rpmQVKArguments_s arguments{};
    const int failed = rpmVerifySignatures(&arguments, transaction.get(), again.get(), name_in_log);
    if (failed == 0) return;
    const Verdict verdict(log.lines(), fmt::format("{}: ", Fdescr(again.get())));
    if (log.whole() && verdict.keys_alone()) return;
    throw core::Refused(verdict.reason(), fmt::format("rpm would refuse it: {}", verdict.words()),
                        "build the package again, or transfer it again");
}

}  // namespace yum
