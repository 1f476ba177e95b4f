// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/gnupg_process.hpp"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "signing/channel.hpp"
#include "signing/gnupg_service.hpp"

namespace signing {
namespace {

/// How many questions are worked on at once. The agent makes one signature after the other, but
/// checks need no agent.
constexpr std::size_t lane_count = 4;

/// Answers what comes through `channels` until their other ends are gone.
void serve(std::vector<Channel>& channels, GnupgService& service) {
    const auto answer_all = [&](Channel& channel) {
        while (const auto question = channel.receive()) {
            if (!channel.send(service.answer(*question))) return;
        }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < channels.size(); ++i) {
        others.emplace_back([&, i] { answer_all(channels[i]); });
    }
    answer_all(channels.front());
}

/// The fork's whole life. Its end must not run what the caller registered for its own.
[[noreturn]] void live(std::vector<Channel>& channels, const GpgSigner& signer,
                       pid_t caller) noexcept {
    // A caller that is killed leaves its scratch to the next command, which must find nobody in it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == caller) {
        GnupgService service(signer);
        serve(channels, service);
    }
    ::_exit(0);
}

}  // namespace

/// The ways to the process; each is lent to one caller at a time.
class GnupgProcess::Lanes {
  public:
    explicit Lanes(std::vector<Channel> channels) : idle_(std::move(channels)) {}

    /// What follows "answered" in the answer.
    Message ask(const Message& question) {
        if (::getpid() != owner_) {
            throw core::Error("the process that runs gpg answers only the one that made it");
        }
        Channel channel = borrow();
        std::optional<Message> answer;
        if (channel.send(question)) answer = channel.receive();
        give_back(std::move(channel));
        if (!answer) throw core::Error("the process that runs gpg has ended; try again");
        if (answer->at(0) != answered) throw core::Error(answer->at(1));
        answer->erase(answer->begin());
        return std::move(*answer);
    }

    /// After this every question is an Error.
    void close() {
        const std::lock_guard lock(mutex_);
        for (Channel& channel : idle_) channel.close();
    }

  private:
    Channel borrow() {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [&] { return !idle_.empty(); });
        Channel channel = std::move(idle_.back());
        idle_.pop_back();
        return channel;
    }

    void give_back(Channel channel) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(std::move(channel));
        }
        returned_.notify_one();
    }

    const pid_t owner_ = ::getpid();
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<Channel> idle_;
};

class GnupgProcess::RemoteSigner : public core::Signer {
  public:
    explicit RemoteSigner(std::shared_ptr<Lanes> lanes) : lanes_(std::move(lanes)) {}

    std::vector<std::string> sign(std::span<const core::SigningRequest> requests) const override {
        Message message{std::string(question::sign)};
        for (const core::SigningRequest& request : requests) {
            message.push_back(form_text(request.form));
            message.emplace_back(request.bytes);
        }
        return lanes_->ask(message);
    }

    std::string public_key() const override {
        return lanes_->ask({std::string(question::public_key)}).at(0);
    }

    std::string fingerprint() const override {
        return lanes_->ask({std::string(question::fingerprint)}).at(0);
    }

  private:
    std::shared_ptr<Lanes> lanes_;
};

class GnupgProcess::RemoteVerifier : public core::Verifier {
  public:
    RemoteVerifier(std::shared_ptr<Lanes> lanes, const std::filesystem::path& scratch,
                   std::span<const std::string> keys)
        : lanes_(std::move(lanes)) {
        Message message{std::string(question::trust), scratch.string()};
        message.insert(message.end(), keys.begin(), keys.end());
        number_ = lanes_->ask(message).at(0);
    }

    ~RemoteVerifier() override {
        try {
            lanes_->ask({std::string(question::forget), number_});
        } catch (const core::Error&) {
            // A process that has ended keeps no keyring either.
        }
    }

    core::Verdict check_detached(std::string_view bytes,
                                 std::string_view signature) const override {
        return ask(question::detached, bytes, signature);
    }

    core::Verdict check_packet(std::string_view bytes, std::string_view packet) const override {
        return ask(question::packet, bytes, packet);
    }

    core::Verdict check_clear_text(std::string_view text, std::string& content) const override {
        Message answer =
            lanes_->ask({std::string(question::clear_text), number_, std::string(text)});
        core::Verdict verdict = verdict_in(answer, 0);
        if (verdict.good()) content = std::move(answer.back());
        return verdict;
    }

  private:
    core::Verdict ask(std::string_view kind, std::string_view bytes,
                      std::string_view signature) const {
        return verdict_in(
            lanes_->ask({std::string(kind), number_, std::string(bytes), std::string(signature)}),
            0);
    }

    std::shared_ptr<Lanes> lanes_;
    std::string number_;
};

GnupgProcess::GnupgProcess(const GpgSigner& signer) {
    std::vector<Channel> here;
    std::vector<Channel> there;
    for (std::size_t i = 0; i < lane_count; ++i) {
        auto [one, other] = Channel::pair();
        here.push_back(std::move(one));
        there.push_back(std::move(other));
    }
    const pid_t caller = ::getpid();
    process_ = ::fork();
    if (process_ < 0) throw core::system_error("cannot make a process for gpg");
    if (process_ == 0) {
        here.clear();  // else it would never see that the caller is gone
        live(there, signer, caller);
    }
    lanes_ = std::make_shared<Lanes>(std::move(here));
    signer_ = std::make_unique<RemoteSigner>(lanes_);
}

GnupgProcess::~GnupgProcess() {
    lanes_->close();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

core::VerifierMaker GnupgProcess::verifier_maker(std::filesystem::path scratch) const {
    return [lanes = lanes_, scratch = std::move(scratch)](std::span<const std::string> keys) {
        return std::make_unique<RemoteVerifier>(lanes, scratch, keys);
    };
}

}  // namespace signing
