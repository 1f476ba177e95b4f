// SPDX-License-Identifier: GPL-3.0-or-later
// Client::download: attempts, redirects, and going on where a transfer was cut off (RFC 9110 §14).
#include <algorithm>
#include <optional>
#include <thread>
#include <unistd.h>

#include "core/model/text.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/http/easy.hpp"

namespace http {
namespace {

constexpr int most_redirects = 5;

/// The file being made, and what is known of the entity it is a part of.
class Target {
  public:
    Target(const std::filesystem::path& path, std::uint64_t limit)
        : file_(core::File::create(path)), limit_(limit) {}

    std::uint64_t size() const { return size_; }

    void append(std::string_view bytes, const Url& url) {
        if (bytes.size() > limit_ - size_) throw too_large(url);
        file_.write(bytes);
        hasher_.update(bytes);
        size_ += bytes.size();
    }

    void check_total(std::uint64_t total, const Url& url) const {
        if (total > limit_) throw too_large(url);
    }

    void restart() {
        if (::ftruncate(file_.descriptor(), 0) != 0 ||
            ::lseek(file_.descriptor(), 0, SEEK_SET) != 0) {
            throw core::system_error("cannot empty a download");
        }
        hasher_ = core::Hasher();
        size_ = 0;
    }

    core::Digest finish() {
        file_.close();
        return hasher_.finish();
    }

  private:
    Failure too_large(const Url& url) const {
        return {Trouble::too_large, core::escaped(url.text()) + " is larger than the " +
                                        std::to_string(limit_) + " bytes that are accepted"};
    }

    core::File file_;
    core::Hasher hasher_;
    std::uint64_t size_ = 0;
    std::uint64_t limit_;
};

/// What an answer says of its entity.
struct Entity {
    int status = 0;
    std::string validator;  // for If-Range: a strong ETag, else the time of the last change
    std::string etag;
    std::string last_modified;
    std::string range;  // Content-Range
    std::optional<std::uint64_t> length;
};

void read_header(Entity& entity, std::string_view line) {
    if (line.starts_with("HTTP/")) {
        entity = {};
        const std::size_t blank = line.find(' ');
        if (blank != std::string_view::npos) {
            entity.status = core::whole_number<int>(line.substr(blank + 1, 3)).value_or(0);
        }
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = core::lower(line.substr(0, colon));
    const std::string_view value = core::trimmed(line.substr(colon + 1));
    if (name == "etag") entity.etag = value;
    if (name == "last-modified") entity.last_modified = value;
    if (name == "content-range") entity.range = value;
    if (name == "content-length") entity.length = core::whole_number(value);
    entity.validator = entity.etag.starts_with('"') ? entity.etag : std::string();
    if (entity.etag.empty()) entity.validator = entity.last_modified;
}

/// "bytes 100-199/200": the rest of an entity from `begin` on, to its end.
std::optional<std::uint64_t> total_from(std::string_view range, std::uint64_t begin) {
    if (!range.starts_with("bytes ")) return std::nullopt;
    range.remove_prefix(6);
    const std::size_t dash = range.find('-');
    const std::size_t slash = range.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
        return std::nullopt;
    }
    const auto first = core::whole_number(range.substr(0, dash));
    const auto last = core::whole_number(range.substr(dash + 1, slash - dash - 1));
    const auto total = core::whole_number(range.substr(slash + 1));
    if (!first || !last || !total || *first != begin || *last + 1 != *total) return std::nullopt;
    return total;
}

class Download {
  public:
    Download(Client::State& state, const std::string& url, const std::filesystem::path& file,
             std::uint64_t limit, const Headers& headers)
        : state_(state),
          url_(Url::parse(url)),
          headers_(headers),
          target_(file, limit),
          deadline_(deadline_of(state)) {}

    Saved perform() {
        for (int attempt = 1;; ++attempt) {
            const std::uint64_t before = target_.size();
            if (follow()) return {target_.size(), target_.finish(), url_};
            const bool progressed = target_.size() > before;
            if (attempt >= state_.limits.attempts && !progressed) throw Failure(*trouble_);
            if (attempt >= 10 * state_.limits.attempts) throw Failure(*trouble_);
            back_off(std::min(attempt, 6));
        }
    }

  private:
    /// One attempt with its redirects. False: it was cut off, and trouble_ says how.
    bool follow() {
        for (int redirects = 0; redirects <= most_redirects; ++redirects) {
            state_.access.check(url_);
            const Outcome outcome = transfer();
            if (outcome.code != CURLE_OK) return false;
            if (outcome.redirect.empty() || outcome.status < 300 || outcome.status > 399) {
                return finished(outcome);
            }
            redirect(Url::parse(outcome.redirect));
        }
        throw Failure(Trouble::broken, core::escaped(url_.text()) + ": too many redirects");
    }

    void redirect(const Url& next) {
        if (url_.scheme == "https" && next.scheme != "https") {
            throw Failure(Trouble::forbidden, core::escaped(url_.text()) + " redirects to " +
                                                  core::escaped(next.text()) +
                                                  ", which is not encrypted");
        }
        if (next.scheme != "http" && next.scheme != "https") {
            throw Failure(Trouble::forbidden, core::escaped(url_.text()) + " redirects to " +
                                                  core::escaped(next.text()));
        }
        if (next.host != url_.host || next.port != url_.port) headers_.clear();  // credentials
        url_ = next;
    }

    Outcome transfer() {
        Entity entity;
        Transfer transfer;
        transfer.url = url_;
        transfer.deadline = deadline_;
        transfer.headers = headers_;
        const bool web = url_.scheme != "ftp";
        // Without a validator the rest could be the rest of something else: begin anew.
        if (!web || validator_.empty()) target_.restart();
        if (target_.size() > 0) {
            transfer.headers.emplace_back("Range", "bytes=" + std::to_string(target_.size()) + "-");
            transfer.headers.emplace_back("If-Range", validator_);
        }
        started_ = false;
        if (web) transfer.header = [&](std::string_view line) { read_header(entity, line); };
        transfer.received = [&](std::string_view bytes) {
            if (web && !started_) start(entity);
            if (!web || content_) target_.append(bytes, url_);
        };
        transfer.progress = [&](std::uint64_t total) { report(total); };
        Outcome outcome = run(state_, transfer);
        if (web && outcome.code == CURLE_OK && !started_) start(entity);  // an empty body
        if (outcome.code != CURLE_OK) cut_off(outcome, transfer);
        return outcome;
    }

    /// At the first byte of an answer: is this the entity from its beginning, its rest, or neither?
    void start(const Entity& entity) {
        started_ = true;
        content_ = entity.status == 200 || entity.status == 206;
        expected_.reset();
        if (entity.status == 200) {
            target_.restart();
            validator_ = entity.validator;
            expected_ = entity.length;
        } else if (entity.status == 206) {
            expected_ = total_from(entity.range, target_.size());
            const bool same = entity.validator.empty() || entity.validator == validator_;
            if (target_.size() == 0 || !expected_ || !same) {
                throw Failure(
                    Trouble::broken,
                    core::escaped(url_.text()) + ": the server sent a part that was not asked for");
            }
        }
        if (expected_) target_.check_total(*expected_, url_);
    }

    /// A transfer that libcurl calls complete. False: it has to be tried again.
    bool finished(const Outcome& outcome) {
        if (url_.scheme == "ftp") return true;
        if (outcome.status == 416) {  // there is no such rest: the entity has changed
            validator_.clear();
            trouble_.emplace(Trouble::broken,
                             core::escaped(url_.text()) + " changes while it is read");
            return false;
        }
        if (outcome.status != 200 && outcome.status != 206) {
            throw StatusFailure(outcome.status, core::escaped(url_.text()) +
                                                    ": the server answered " +
                                                    std::to_string(outcome.status));
        }
        if (expected_ && target_.size() != *expected_) {
            trouble_.emplace(Trouble::broken, core::escaped(url_.text()) + " was cut off after " +
                                                  std::to_string(target_.size()) + " of " +
                                                  std::to_string(*expected_) + " bytes");
            return false;
        }
        return true;
    }

    void cut_off(const Outcome& outcome, const Transfer& transfer) {
        trouble_.emplace(failure_of(outcome, transfer));
        const bool may_pass =
            trouble_->trouble() == Trouble::broken || outcome.code == CURLE_COULDNT_CONNECT;
        if (!may_pass) throw Failure(*trouble_);
    }

    void report(std::uint64_t rest) {
        if (state_.progress) state_.progress(url_, target_.size(), expected_.value_or(rest));
    }

    void back_off(int attempt) {
        const auto pause = state_.limits.pause * (1 << (attempt - 1));
        if (std::chrono::steady_clock::now() + pause >= deadline_) throw Failure(*trouble_);
        std::this_thread::sleep_for(pause);
    }

    Client::State& state_;
    Url url_;
    Headers headers_;
    Target target_;
    Deadline deadline_;
    std::string validator_;
    std::optional<std::uint64_t> expected_;  // size of the whole entity
    std::optional<Failure> trouble_;
    bool started_ = false;
    bool content_ = false;  // the body is the entity, not an error page
};

}  // namespace

Saved Client::download(const std::string& url, const std::filesystem::path& file,
                       std::uint64_t limit, const Headers& headers) {
    Download download(*state_, url, file, limit, headers);
    try {
        return download.perform();
    } catch (...) {
        ::unlink(file.c_str());
        throw;
    }
}

}  // namespace http
