// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/apt.hpp"

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/apt_index.hpp"
#include "rt-bridge/fetch/reference.hpp"
#include "rt-bridge/fetch/signature.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;

constexpr int tries = 3;
constexpr std::uint64_t most_release_bytes = 4u << 20;
constexpr std::uint64_t most_signature_bytes = 64u << 10;
constexpr std::size_t most_names = 200;  // of components, and of architectures

class AptRepository {
  public:
    AptRepository(Basket& basket, const Source& source, const core::Clock& clock,
                  const std::optional<Trust>& trust)
        : basket_(basket),
          source_(source),
          clock_(clock),
          trust_(trust),
          root_(as_directory(http::Url::parse(source.urls.front()))),
          flat_(source.suite.ends_with('/')),
          suite_(root_) {
        if (!flat_) {
            check_reference(source.suite, "the suite's name");
            suite_ = as_directory(below(root_, "dists/" + source.suite, Percent::is_text));
        } else if (source.suite != "./" && source.suite != "/") {
            const std::string path = source.suite.substr(0, source.suite.size() - 1);
            check_reference(path, "the suite's name");
            suite_ = as_directory(below(root_, path, Percent::is_text));
        }
    }

    std::optional<Sighting> fetch() {
        for (int i = 0; i < tries; ++i) {
            read_release();
            if (!read_indexes()) continue;
            for (const auto& [file, expected] : indexes_->files()) {
                basket_.add(below(root_, file, Percent::is_text).text(), file, expected);
            }
            return sighting_;
        }
        throw invalid_index(suite_.text(), "its indexes are not those that Release describes");
    }

  private:
    std::string url_of(const std::string& file) const {
        return below(suite_, file, Percent::is_text).text();
    }

    void read_release() {
        const std::string where = url_of("InRelease");
        const auto clear_signed = basket_.read_if_there(where, most_release_bytes);
        const std::string text =
            clear_signed ? signed_content(*clear_signed, where) : plain_release();
        release_ = parse_release(text, where);
        check_dates(where);
        check_replay(where);
    }

    std::string signed_content(const std::string& text, const std::string& where) {
        if (!trust_) return without_signature(text);
        std::string content;
        signed_by_ = require_good(trust_->verifier.check_clear_text(text, content), where);
        return content;
    }

    std::string plain_release() {
        const std::string where = url_of("Release");
        std::string text = basket_.read(where, most_release_bytes);
        if (!trust_) return text;
        const auto signature = basket_.read_if_there(where + ".gpg", most_signature_bytes);
        if (!signature) {
            throw core::Refused(
                reason::repository_unsigned,
                core::escaped(where) + " is not signed: there is neither InRelease nor Release.gpg",
                "Sign it with the key that the operators know.");
        }
        signed_by_ = require_good(trust_->verifier.check_detached(text, *signature), where);
        return text;
    }

    void check_dates(const std::string& where) const {
        const std::string& until = release_.valid_until;
        if (until.empty() || parse_release_date(until, where) >= clock_.now()) return;
        throw core::Refused(reason::repository_expired,
                            core::escaped(where) + " was valid until " + core::escaped(until),
                            "Make and sign the repository's Release file anew.");
    }

    void check_replay(const std::string& where) {
        if (!trust_) return;
        if (release_.date.empty()) throw invalid_index(where, "it has no Date");
        sighting_ =
            Sighting{{source_name(source_.urls.front()), core::escaped(source_.suite), signed_by_},
                     parse_release_date(release_.date, where)};
        trust_->seen.refuse_older(*sighting_);
    }

    /// False: an index is not there, or not as described.
    bool read_indexes() {
        indexes_.emplace(basket_.index_cell());
        if (flat_) return read_index("Packages");
        const auto& components =
            source_.components.empty() ? release_.components : source_.components;
        const auto& architectures = release_.architectures;
        if (components.size() > most_names || architectures.size() > most_names) {
            throw too_large_index(suite_.text(),
                                  std::to_string(components.size()) + " components for " +
                                      std::to_string(architectures.size()) +
                                      " architectures; of each " + std::to_string(most_names) +
                                      " are read",
                                  {});
        }
        bool any = false;
        for (const std::string& component : components) {
            check_reference(component, "Release");
            for (const std::string& architecture : architectures) {
                const std::string index = component + "/binary-" + architecture + "/Packages";
                check_reference(index, "Release");
                if (!listed(index)) continue;  // "all" often has no index of its own
                any = true;
                if (!read_index(index)) return false;
            }
        }
        if (!any) {
            throw invalid_index(suite_.text(),
                                "there are no packages in " +
                                    core::escaped(core::join(components, ", ").substr(0, 500)));
        }
        return true;
    }

    /// The entry of the index in its smallest form that we can read; null if there is none.
    const std::pair<const std::string, Expected>* listed(const std::string& index) const {
        const std::pair<const std::string, Expected>* best = nullptr;
        for (const char* extension : {"", ".gz", ".xz", ".zst", ".bz2"}) {
            const auto found = release_.listed.find(index + extension);
            if (found == release_.listed.end()) continue;
            if (best == nullptr || found->second.size < best->second.size) best = &*found;
        }
        return best;
    }

    bool read_index(const std::string& index) {
        const auto* entry = listed(index);
        if (entry == nullptr) throw invalid_index(suite_.text(), "Release does not list " + index);
        const auto& [name, expected] = *entry;
        if (expected.size == 0) return true;  // a component without packages
        const std::string directory = name.substr(0, name.rfind('/') + 1);
        std::optional<core::File> opened;
        if (release_.by_hash) {
            opened = basket_.index(url_of(directory + "by-hash/SHA256/" + expected.digest.hex()),
                                   expected);
        }
        if (!opened) opened = basket_.index(url_of(name), expected);
        if (!opened) return false;
        indexes_->read(IndexForm::packages, *std::move(opened), name);
        return true;
    }

    Basket& basket_;
    const Source& source_;
    const core::Clock& clock_;
    const std::optional<Trust>& trust_;
    http::Url root_;
    bool flat_;
    http::Url suite_;
    AptRelease release_;
    std::string signed_by_;  // fingerprint
    std::optional<Sighting> sighting_;
    std::optional<IndexCell> indexes_;  // of one try; "all" is in several of them
};

}  // namespace

std::optional<Sighting> fetch_apt(Basket& basket, const Source& source, const core::Clock& clock,
                                  const std::optional<Trust>& trust) {
    return AptRepository(basket, source, clock, trust).fetch();
}

}  // namespace fetch
