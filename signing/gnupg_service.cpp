// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/gnupg_service.hpp"

#include <utility>

#include "core/error.hpp"

namespace signing {
namespace {

core::SignatureForm form_of(const std::string& text) {
    return text == form_text(core::SignatureForm::clear_text) ? core::SignatureForm::clear_text
                                                              : core::SignatureForm::detached;
}

}  // namespace

std::string form_text(core::SignatureForm form) {
    return form == core::SignatureForm::clear_text ? "clear text" : "detached";
}

void append_verdict(Message& message, const core::Verdict& verdict) {
    message.push_back(std::to_string(static_cast<int>(verdict.status)));
    message.push_back(verdict.fingerprint);
    message.push_back(verdict.detail);
    message.push_back(std::to_string(verdict.made.time_since_epoch().count()));
    message.push_back(verdict.part);
}

core::Verdict verdict_in(const Message& message, std::size_t first) {
    core::Verdict verdict;
    verdict.status = static_cast<core::Verdict::Status>(std::stoi(message.at(first)));
    verdict.fingerprint = message.at(first + 1);
    verdict.detail = message.at(first + 2);
    verdict.made = core::Time(core::Time::duration(std::stoll(message.at(first + 3))));
    verdict.part = message.at(first + 4);
    return verdict;
}

Message GnupgService::answer(const Message& question) {
    try {
        Message message = result(question);
        message.insert(message.begin(), std::string(answered));
        return message;
    } catch (const std::exception& error) {
        return {std::string(failed), error.what()};
    }
}

Message GnupgService::result(const Message& question) {
    const std::string& kind = question.at(0);
    if (kind == question::sign) return sign(question);
    if (kind == question::public_key) return {signer_.public_key()};
    if (kind == question::fingerprint) return {signer_.fingerprint()};
    if (kind == question::trust) return trust(question);
    if (kind == question::detached || kind == question::packet || kind == question::clear_text) {
        return judge(question);
    }
    if (kind == question::forget) {
        const std::lock_guard lock(mutex_);
        verifiers_.erase(question.at(1));
        return {};
    }
    throw core::Error("the process that runs gpg was asked for what it cannot do: " + kind);
}

Message GnupgService::sign(const Message& question) const {
    std::vector<core::SigningRequest> requests;
    for (std::size_t i = 1; i < question.size(); i += 2) {
        requests.push_back({question.at(i + 1), form_of(question[i])});
    }
    return signer_.sign(requests);
}

Message GnupgService::trust(const Message& question) {
    const std::vector<std::string> keys(question.begin() + 2, question.end());
    auto made = std::make_shared<const FreshVerifier>(question.at(1), keys);
    const std::lock_guard lock(mutex_);
    const std::string number = std::to_string(++last_);
    verifiers_.emplace(number, std::move(made));
    return {number};
}

Message GnupgService::judge(const Message& question) const {
    const auto judge = verifier(question.at(1));
    Message message;
    if (question.at(0) == question::detached) {
        append_verdict(message, judge->check_detached(question.at(2), question.at(3)));
    } else if (question.at(0) == question::packet) {
        append_verdict(message, judge->check_packet(question.at(2), question.at(3)));
    } else {
        std::string content;
        append_verdict(message, judge->check_clear_text(question.at(2), content));
        message.push_back(std::move(content));
    }
    return message;
}

std::shared_ptr<const FreshVerifier> GnupgService::verifier(const std::string& number) const {
    const std::lock_guard lock(mutex_);
    return verifiers_.at(number);
}

}  // namespace signing
