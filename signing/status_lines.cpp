// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/status_lines.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <gpgme.h>
#include <optional>
#include <utility>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace signing {
namespace {

using Kind = Finding::Kind;

[[noreturn]] void fail(std::string_view line) {
    throw core::Error("gpg wrote a status line that cannot be understood: \"" +
                      core::escaped(line.substr(0, 200)) + "\"");
}

/// A keyword and what stands behind it.
struct Line {
    std::string_view whole;
    std::string_view keyword;
    std::string_view rest;

    /// The next argument. Arguments are separated by one space or more; what gpg quotes has none.
    std::string_view take() {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view argument = rest.substr(0, end);
        rest.remove_prefix(end);
        return argument;
    }

    unsigned number() {
        const auto value = core::whole_number<unsigned>(take());
        if (!value) fail(whole);
        return *value;
    }

    /// A fingerprint, or the id of a key.
    std::string key() {
        const std::string_view text = take();
        const bool hexadecimal =
            text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
        if (!hexadecimal || (text.size() != 16 && text.size() != 40 && text.size() != 64)) {
            fail(whole);
        }
        return std::string(text);
    }
};

void for_each_line(std::string_view lines, const std::function<void(Line)>& take) {
    constexpr std::string_view prefix = "[GNUPG:] ";
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        const std::string_view text = lines.substr(0, end);
        if (end == std::string_view::npos || !text.starts_with(prefix)) fail(text);
        lines.remove_prefix(end + 1);
        Line line{text, {}, text.substr(prefix.size())};
        if (line.rest.starts_with(' ')) fail(text);
        line.keyword = line.take();
        if (line.keyword.empty()) fail(text);
        take(line);
    }
}

/// "FAILURE where code". At its end gpg sums up what it has told already.
std::optional<unsigned> failure_of(Line line) {
    if (line.keyword != "FAILURE" || line.take() == "gpg-exit") return std::nullopt;
    return gpgme_err_code(line.number());
}

std::optional<Kind> verdict_of(std::string_view keyword) {
    constexpr std::array<std::pair<std::string_view, Kind>, 6> verdicts{{
        {"GOODSIG", Kind::good},
        {"BADSIG", Kind::bad},
        {"EXPSIG", Kind::expired},
        {"EXPKEYSIG", Kind::key_expired},
        {"REVKEYSIG", Kind::key_revoked},
        {"ERRSIG", Kind::unchecked},
    }};
    const auto* const known =
        std::ranges::find(verdicts, keyword, &std::pair<std::string_view, Kind>::first);
    return known == verdicts.end() ? std::nullopt : std::optional(known->second);
}

/// ERRSIG id algorithm digest class time reason [fingerprint], behind the id.
void take_error(Line line, Finding& finding) {
    for (int skipped = 0; skipped < 4; ++skipped) {
        if (line.take().empty()) fail(line.whole);
    }
    const gpgme_err_code_t code = gpgme_err_code(line.number());
    finding.code = code == GPG_ERR_NO_ERROR ? GPG_ERR_GENERAL : code;
    const bool ends = line.rest.find_first_not_of(" -") == std::string_view::npos;
    if (!ends) finding.fingerprint = line.key();
}

class Verification {
  public:
    void take(Line line) {
        if (const auto failure = failure_of(line)) finding_.failure = *failure;
        if (const auto kind = verdict_of(line.keyword)) {
            take_verdict(*kind, line);
        } else if (line.keyword == "NEWSIG") {
            ++begun_;
        } else if (line.keyword == "VALIDSIG") {
            ++valid_;
            maker_ = line.key();
        } else if (line.keyword == "NODATA" || line.keyword == "UNEXPECTED") {
            no_signature_ = true;
        } else if (line.keyword == "PLAINTEXT") {
            other_text_ = true;
        }
    }

    Finding result() const {
        Finding result = finding_;
        if (no_signature_ || verdicts_ == 0) {
            result.kind = valid_ == 0 ? Kind::none : Kind::contradictory;
        } else if (is_contradictory()) {
            result.kind = Kind::contradictory;
        }
        if (result.kind == Kind::none || result.kind == Kind::contradictory) {
            result.fingerprint.clear();
        } else if (valid_ == 1) {
            result.fingerprint = maker_;
        }
        return result;
    }

  private:
    void take_verdict(Kind kind, Line line) {
        ++verdicts_;
        finding_.kind = kind;
        finding_.fingerprint = line.key();
        if (kind == Kind::unchecked) take_error(line, finding_);
    }

    bool is_contradictory() const {
        if (verdicts_ > 1 || begun_ > 1 || valid_ > 1 || other_text_) return true;
        const bool fits = finding_.kind != Kind::bad && finding_.kind != Kind::unchecked;
        // The id beside it is the signature's own word, which nobody signed.
        return valid_ == 1 ? !fits : finding_.kind == Kind::good;
    }

    Finding finding_;
    std::string maker_;
    int begun_ = 0;
    int verdicts_ = 0;
    int valid_ = 0;
    bool no_signature_ = false;
    bool other_text_ = false;
};

}  // namespace

Finding read_verification(std::string_view lines) {
    Verification verification;
    for_each_line(lines, [&](Line line) { verification.take(line); });
    return verification.result();
}

unsigned read_signing(std::string_view lines) {
    constexpr unsigned without_secret_key = 9;  // of the reasons for INV_SGNR
    std::optional<unsigned> skipped;
    unsigned failure = 0;
    int made = 0;
    bool locked = false;
    for_each_line(lines, [&](Line line) {
        if (const auto code = failure_of(line)) failure = *code;
        if (line.keyword == "SIG_CREATED") ++made;
        if (line.keyword == "INV_SGNR" && !skipped) skipped = line.number();
        if (line.keyword == "MISSING_PASSPHRASE" || line.keyword == "BAD_PASSPHRASE") locked = true;
        if (line.keyword == "GOOD_PASSPHRASE") locked = false;
    });
    if (skipped == without_secret_key) return GPG_ERR_NO_SECKEY;
    if (locked) return GPG_ERR_BAD_PASSPHRASE;
    if (skipped) return GPG_ERR_UNUSABLE_SECKEY;
    if (failure != 0) return failure;
    if (made == 0) return GPG_ERR_GENERAL;
    // A gpg.conf can name a second signer.
    return made == 1 ? 0 : GPG_ERR_CONFLICT;
}

}  // namespace signing
