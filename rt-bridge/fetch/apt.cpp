// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/apt.hpp"

#include <array>
#include <map>
#include <time.h>

#include "backends/apt/deb822.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"
#include "rt-bridge/fetch/signature.hpp"

namespace fetch {
namespace {

namespace reason = core::reason;
using apt::value_of;
using Paragraph = std::vector<apt::Field>;

constexpr int tries = 3;
constexpr std::uint64_t most_release_bytes = 4u << 20;
constexpr std::uint64_t most_signature_bytes = 64u << 10;

core::Refused invalid(const std::string& where, const std::string& what) {
    return {reason::repository_invalid, core::escaped(where) + ": " + what,
            "Make the repository's indexes anew."};
}

Expected expected_of(std::string_view digest, std::string_view size, const std::string& where) {
    Expected expected;
    try {
        expected.digest = core::Digest::parse(core::lower(digest));
    } catch (const core::Error&) {
        throw invalid(where, "an entry has no SHA-256 digest");
    }
    const auto number = core::whole_number(size);
    if (!number) throw invalid(where, "an entry has no size");
    expected.size = *number;
    return expected;
}

template <class Visit>
void for_each_paragraph(std::string_view text, const std::string& where, const Visit& visit) {
    apt::ParagraphReader reader(text, [&](int line, const std::string& what) {
        return invalid(where, "line " + std::to_string(line) + ": " + what);
    });
    while (const auto fields = reader.next()) {
        if (!fields->empty()) visit(*fields);
    }
}

/// "Sun, 22 Nov 2026 14:48:57 UTC"
core::Time parse_date(std::string_view date, const std::string& where) {
    const std::string text(date);
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
    const std::string zone(core::trimmed(rest == nullptr ? "?" : rest));
    if (zone != "UTC" && zone != "GMT" && zone != "+0000" && zone != "Z") {
        throw invalid(where, "\"" + core::escaped(text) + "\" is no date");
    }
    return core::Time(std::chrono::seconds(::timegm(&parts)));
}

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
            for (const auto& [file, expected] : packages_) {
                basket_.add(below(root_, file, Percent::is_text).text(), file, expected);
            }
            return sighting_;
        }
        throw invalid(suite_.text(), "its indexes are not those that Release describes");
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
        std::size_t paragraphs = 0;
        for_each_paragraph(text, where, [&](const Paragraph& paragraph) {
            release_ = paragraph;
            ++paragraphs;
        });
        if (paragraphs != 1) throw invalid(where, "it is not one paragraph");
        check_dates(where);
        check_replay(where);
        listed_.clear();
        for (const std::string& line : core::split(value_of(release_, "sha256"), "\n")) {
            const auto words = core::split(line, " \t");
            if (words.empty()) continue;
            if (words.size() != 3) throw invalid(where, "an entry is not digest, size and name");
            listed_[words[2]] = expected_of(words[0], words[1], where);
        }
        if (listed_.empty()) throw invalid(where, "it lists no SHA-256 digests");
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
        const std::string_view until = value_of(release_, "valid-until");
        if (until.empty() || parse_date(until, where) >= clock_.now()) return;
        throw core::Refused(reason::repository_expired,
                            core::escaped(where) + " was valid until " + core::escaped(until),
                            "Make and sign the repository's Release file anew.");
    }

    void check_replay(const std::string& where) {
        if (!trust_) return;
        const std::string_view date = value_of(release_, "date");
        if (date.empty()) throw invalid(where, "it has no Date");
        sighting_ =
            Sighting{{source_name(source_.urls.front()), core::escaped(source_.suite), signed_by_},
                     parse_date(date, where)};
        trust_->seen.refuse_older(*sighting_);
    }

    /// False: an index is not there, or not as described.
    bool read_indexes() {
        packages_.clear();
        if (flat_) return read_index("Packages");
        auto components = source_.components;
        if (components.empty()) components = core::split(value_of(release_, "components"), " \t\n");
        bool any = false;
        for (const std::string& component : components) {
            check_reference(component, "Release");
            for (const auto& architecture :
                 core::split(value_of(release_, "architectures"), " \t\n")) {
                const std::string index = component + "/binary-" + architecture + "/Packages";
                check_reference(index, "Release");
                if (!listed(index)) continue;  // "all" often has no index of its own
                any = true;
                if (!read_index(index)) return false;
            }
        }
        if (!any) {
            throw invalid(suite_.text(), "there are no packages in " +
                                             core::escaped(core::join(components, ", ")));
        }
        return true;
    }

    /// The entry of the index in its smallest form that we can read; null if there is none.
    const std::pair<const std::string, Expected>* listed(const std::string& index) const {
        const std::pair<const std::string, Expected>* best = nullptr;
        for (const char* extension : {"", ".gz", ".xz", ".zst", ".bz2"}) {
            const auto found = listed_.find(index + extension);
            if (found == listed_.end()) continue;
            if (best == nullptr || found->second.size < best->second.size) best = &*found;
        }
        return best;
    }

    bool read_index(const std::string& index) {
        const auto* entry = listed(index);
        if (entry == nullptr) throw invalid(suite_.text(), "Release does not list " + index);
        const auto& [name, expected] = *entry;
        if (expected.size == 0) return true;  // a component without packages
        const std::string directory = name.substr(0, name.rfind('/') + 1);
        const bool by_hash = value_of(release_, "acquire-by-hash") == "yes";
        std::optional<std::string> text;
        if (by_hash) {
            text = basket_.read_index(url_of(directory + "by-hash/SHA256/" + expected.digest.hex()),
                                      expected);
        }
        if (!text) text = basket_.read_index(url_of(name), expected);
        if (!text) return false;
        for_each_paragraph(
            *text, name, [&](const Paragraph& paragraph) { add_package(paragraph, entry->first); });
        return true;
    }

    void add_package(const Paragraph& paragraph, const std::string& where) {
        std::string file(value_of(paragraph, "filename"));
        if (file.starts_with("./")) file.erase(0, 2);  // flat repositories have it
        check_reference(file, where);
        const Expected expected =
            expected_of(value_of(paragraph, "sha256"), value_of(paragraph, "size"), where);
        const auto [place, is_new] = packages_.emplace(file, expected);
        if (!is_new && place->second.digest != expected.digest) {
            throw invalid(where, "two packages are called " + core::escaped(file));
        }
    }

    Basket& basket_;
    const Source& source_;
    const core::Clock& clock_;
    const std::optional<Trust>& trust_;
    http::Url root_;
    bool flat_;
    http::Url suite_;
    Paragraph release_;
    std::string signed_by_;  // fingerprint
    std::optional<Sighting> sighting_;
    std::map<std::string, Expected> listed_;    // by name, as Release lists them
    std::map<std::string, Expected> packages_;  // by Filename; "all" is in several indexes
};

}  // namespace

std::optional<Sighting> fetch_apt(Basket& basket, const Source& source, const core::Clock& clock,
                                  const std::optional<Trust>& trust) {
    return AptRepository(basket, source, clock, trust).fetch();
}

}  // namespace fetch
