// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/plain_format.hpp"

#include <charconv>
#include <csignal>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace core_test {
namespace fs = std::filesystem;
namespace {

std::string signature_of(const std::string& key, std::string_view bytes) {
    return key + " " + core::sha256(bytes).hex();
}

class PlainVerifier : public core::Verifier {
  public:
    PlainVerifier(std::vector<std::string> keys, Calls& calls)
        : keys_(std::move(keys)), calls_(calls) {}

    core::Verdict check_detached(std::string_view bytes,
                                 std::string_view signature) const override {
        calls_.count();
        core::Verdict verdict;
        const std::string maker(signature.substr(0, signature.find(' ')));
        verdict.fingerprint = maker.substr(0, maker.find('/'));
        verdict.part = maker.substr(maker.find('/') + 1);  // all of it, if there is none
        verdict.status = core::Verdict::Status::unknown_key;
        for (const std::string& key : keys_) {
            if (core::trimmed(key) != verdict.fingerprint) continue;
            verdict.status = signature == signature_of(maker, bytes) ? core::Verdict::Status::good
                                                                     : core::Verdict::Status::bad;
        }
        return verdict;
    }
    core::Verdict check_packet(std::string_view bytes, std::string_view packet) const override {
        core::Verdict verdict = check_detached(bytes, packet);
        if (packet.empty()) verdict.status = core::Verdict::Status::malformed;
        return verdict;
    }
    core::Verdict check_clear_text(std::string_view, std::string&) const override { return {}; }

  private:
    std::vector<std::string> keys_;
    Calls& calls_;
};

std::string all_of(core::File& file) {
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    text.resize(file.read(text.data(), text.size()));
    return text;
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

core::Inspection PlainReader::read(core::File file, const core::Digest& digest,
                                   const core::InspectionRule&) const {
    const std::string text = all_of(file);
    if (text.starts_with("crash")) ::raise(SIGKILL);
    if (text.starts_with("fail")) throw core::Error("the disk failed");
    if (text.starts_with("memory")) throw std::bad_alloc();
    const auto words = core::split(text, " \n");
    if (words.size() < 3) throw core::Refused(core::reason::package_corrupt, "no three words");
    core::Inspection inspection;
    core::Package& package = inspection.package;
    package.digest = digest;
    package.size = text.size();
    package.name = words[0];
    package.version = words[1];
    package.architecture = words[2];
    package.every_architecture = words[2] == "*";
    package.path = "files/" + package.name + "-" + package.version + "." +
                   (package.every_architecture ? "all" : package.architecture);
    for (std::size_t i = 3; i < words.size(); ++i) {
        if (words[i].starts_with("has:")) {
            const auto parts = core::split(words[i], ":");
            core::add_remark(package.remarks, parts.at(1), parts.at(2));
            continue;
        }
        const std::string key = words[i].substr(words[i].find(':') + 1);
        const bool bad = words[i].starts_with("bad:");
        const std::string covered = bad ? "x" : package.name + package.version;
        inspection.signatures.push_back(key.empty() ? key : signature_of(key, covered));
    }
    return inspection;
}

const core::Cells& plain_cells() {
    static const PlainReader reader;
    static const core::Cells cells({{"plain", core::reading_task(reader)}});
    return cells;
}

std::string PlainInspector::signed_bytes(core::File file) const {
    const auto words = core::split(all_of(file), " \n");
    return words[0] + words[1];
}

std::strong_ordering PlainInspector::compare_versions(std::string_view a,
                                                      std::string_view b) const {
    const auto left = core::split(a, "."), right = core::split(b, ".");
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (const auto order = number(left[i]) <=> number(right[i]); order != 0) return order;
    }
    return left.size() <=> right.size();
}

std::vector<core::Section> PlainBackend::sections(const core::Platform& platform,
                                                  const core::Package* package) const {
    std::vector<core::Section> sections;
    for (const std::string& architecture : platform.architectures) {
        if (package == nullptr) sections.push_back({architecture, "notes"});
        if (package == nullptr || package->every_architecture ||
            package->architecture == architecture) {
            sections.push_back({architecture, "packages"});
        }
    }
    if (sections.empty()) {
        throw core::Refused(core::reason::architecture_unknown,
                            platform.name + " has no " + package->architecture);
    }
    return sections;
}

core::Backend::Documents PlainBackend::documents(const core::Release& release,
                                                 const core::Platform&,
                                                 const Bundled& bundled) const {
    std::string bytes = "notes of " + release.product + " " + release.version + "\n";
    core::Document document;
    document.index = "notes";
    document.name = "notes";
    Documents made{{{document, bytes}}, {}};
    for (const std::string& text : bundled.texts) {
        if (text.starts_with("foreign ") && !bundled.keep_foreign) {
            made.foreign.insert(text);
            continue;
        }
        document.name = "bundled-" + std::to_string(made.documents.size());
        made.documents.push_back({document, text});
    }
    return made;
}

std::set<std::string> PlainBackend::ids(std::string_view bytes_of_document) const {
    const bool has_one =
        bytes_of_document.starts_with("group ") || bytes_of_document.starts_with("notes of ");
    if (!has_one) return {};
    return {std::string(bytes_of_document.substr(0, bytes_of_document.find_first_of(":\n")))};
}

core::Composed PlainBackend::compose(const core::Composition& composition,
                                     const fs::path& directory) const {
    calls_.count();
    std::string list = composition.origin + " " + composition.repository.path() + "\n";
    for (const auto& [index, rows] : composition.indexes) {
        for (const core::Row& row : rows) {
            list += fmt::format("{} {} {}\n", index, row.path, row.digest.hex());
        }
    }
    const std::string name = core::sha256(list).hex() + "-list";
    core::make_directories(directory / "index");
    core::Composed composed;
    composed.written.push_back(core::written_file(directory / "index" / name, list));
    composed.written.push_back(core::written_file(
        directory / "index/root", name + "\n" + core::format_time(composition.date) + "\n"));
    composed.signing.push_back({"index/root", "index/root.sig", core::SignatureForm::detached});
    composed.lasting.push_back("index/" + name);
    return composed;
}

void PlainBackend::check(const fs::path& directory, const core::Verifier& verifier) const {
    calls_.count();
    const std::string root = core::read_file(directory / "index/root");
    const auto verdict =
        verifier.check_detached(root, core::read_file(directory / "index/root.sig"));
    if (!verdict.good()) throw core::Error("index/root: the signature is not good");
    const std::string name = core::split(root, "\n").front();
    if (core::sha256_file(directory / "index" / name).hex() + "-list" != name) {
        throw core::Error("index/" + name + ": wrong digest");
    }
}

std::string PlainBackend::client_file(const core::ClientEntry& entry) const {
    calls_.count();
    return "[" + entry.id + "]\nname=" + entry.title + "\nurl=" + entry.url +
           "\nkey=" + entry.public_key + "\nkeys=" + core::join(entry.key_urls, ",") +
           "\nenabled=" + (entry.enabled ? "1" : "0") + "\n";
}

std::vector<std::string> PlainSigner::sign(std::span<const core::SigningRequest> requests) const {
    calls_.count();
    std::vector<std::string> signatures;
    for (const core::SigningRequest& request : requests) {
        signatures.push_back(signature_of(key, sound ? request.bytes : "something else"));
    }
    return signatures;
}

core::VerifierMaker plain_verifiers(Calls& calls) {
    return [&calls](std::span<const std::string> keys) {
        calls.count();
        return std::make_unique<PlainVerifier>(std::vector(keys.begin(), keys.end()), calls);
    };
}

core::PublicKeys plain_keys(const std::string& text) {
    core::PublicKeys keys;
    for (const std::string& word : core::split(text, " \n")) {
        if (word == "secret") throw core::Error("a key file holds a secret key");
        if (word == "revoked") {
            keys.keys.at(0).revoked = true;
        } else if (word == "weak") {
            keys.keys.at(0).weakness = "weak; mend it";
        } else if (word.starts_with("until:")) {
            keys.keys.at(0).expires = core::parse_time(word.substr(6));
        } else if (word == "certifies") {
            keys.keys.at(0).parts.clear();
        } else if (word.starts_with("subkey:")) {
            keys.keys.at(0).parts.push_back({.fingerprint = word.substr(7)});
        } else if (word == "subkey-revoked") {
            keys.keys.at(0).parts.back().revoked = true;
        } else if (word == "subkey-weak") {
            keys.keys.at(0).parts.back().weakness = "weak subkey; mend it";
        } else if (word.starts_with("subkey-until:")) {
            keys.keys.at(0).parts.back().expires = core::parse_time(word.substr(13));
        } else if (keys.keys.empty()) {
            keys.keys.push_back({.fingerprint = word,
                                 .expires = {},
                                 .revoked = {},
                                 .weakness = {},
                                 .parts = {{.fingerprint = word}}});
        } else {
            throw core::Error("this is no public key");
        }
        keys.text += (keys.text.empty() ? "" : " ") + word;
    }
    if (keys.keys.empty()) throw core::Error("this is no public key");
    return keys;
}

}  // namespace core_test
