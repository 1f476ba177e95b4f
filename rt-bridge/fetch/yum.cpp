// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/yum.hpp"

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"
#include "rt-bridge/fetch/signature.hpp"
#include "rt-bridge/fetch/yum_index.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;

constexpr int tries = 3;
constexpr std::uint64_t most_repomd_bytes = 1u << 20;
constexpr std::uint64_t most_signature_bytes = 64u << 10;

class YumRepository {
  public:
    YumRepository(Basket& basket, const std::string& url, const std::optional<Trust>& trust)
        : basket_(basket), root_(as_directory(http::Url::parse(url))), trust_(trust) {}

    std::optional<Sighting> fetch() {
        for (int i = 0; i < tries; ++i) {
            auto primary = get_primary();
            if (!primary) continue;
            IndexCell indexes = basket_.index_cell();
            indexes.read(IndexForm::primary, *std::move(primary),
                         "the primary index of " + root_.text());
            for (const auto& [href, expected] : indexes.files()) {
                basket_.add(url_of(href), href, expected);
            }
            return sighting_;
        }
        throw invalid_index(root_.text(), "its indexes are not those that repomd.xml describes");
    }

  private:
    std::string url_of(std::string_view reference) const {
        return below(root_, reference, Percent::is_encoding).text();
    }

    std::optional<core::File> get_primary() {
        const std::string where = url_of("repodata/repomd.xml");
        const std::string text = basket_.read(where, most_repomd_bytes);
        const core::Verdict verdict = trust_ ? signature_of(text, where) : core::Verdict{};
        const Repomd repomd = parse_repomd(text, where);
        if (trust_) check_replay(verdict, repomd, where);
        return basket_.index(url_of(repomd.primary), repomd.expected);
    }

    core::Verdict signature_of(const std::string& text, const std::string& where) {
        const auto signature = basket_.read_if_there(where + ".asc", most_signature_bytes);
        if (!signature) {
            throw core::Refused(reason::repository_unsigned,
                                core::escaped(where) + " is not signed: there is no repomd.xml.asc",
                                "Sign it with the key that the operators know.");
        }
        core::Verdict verdict = trust_->verifier.check_detached(text, *signature);
        require_good(verdict, where);
        return verdict;
    }

    void check_replay(const core::Verdict& verdict, const Repomd& repomd,
                      const std::string& where) {
        if (verdict.made <= core::Time{} && !repomd.newest) {
            throw invalid_index(where, "neither it nor its signature says when it was made");
        }
        const core::Time made = verdict.made > core::Time{} ? verdict.made : *repomd.newest;
        sighting_ = Sighting{{source_name(root_.text()), "", verdict.fingerprint}, made};
        trust_->seen.refuse_older(*sighting_);
    }

    Basket& basket_;
    http::Url root_;
    const std::optional<Trust>& trust_;
    std::optional<Sighting> sighting_;
};

}  // namespace

std::optional<Sighting> fetch_yum(Basket& basket, const std::string& url,
                                  const std::optional<Trust>& trust) {
    return YumRepository(basket, url, trust).fetch();
}

}  // namespace fetch
