// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/signing/gnupg.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <thread>

#include "core/system/files.hpp"

namespace signing_test {
namespace {

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

/// How many processes of a GnuPG program run for a home in `directory`, or for `directory` itself.
int processes_of(const std::string& program, const std::filesystem::path& directory) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string line = command_line(entry.path());
        if (line.find(directory.string()) != std::string::npos && line.starts_with(program)) {
            ++count;
        }
    }
    return count;
}

}  // namespace

std::string command_line(const std::filesystem::path& process) {
    std::ifstream file(process / "cmdline");
    std::string line(4096, '\0');
    file.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(file.gcount()));
    return line;
}

std::string shell(const std::string& command) {
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) {
        text.append(buffer, got);
    }
    EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
    return text;
}

Scratch::~Scratch() {
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
        if (entry.is_directory()) Gnupg(entry.path()).end_agent();
    }
}

int Scratch::processes(const std::string& program) const {
    return processes_of(program, path());
}

Gnupg::Gnupg(std::filesystem::path home) : home_(std::move(home)) {
    std::filesystem::create_directories(home_);
    std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
}

std::string Gnupg::run(const std::vector<std::string>& arguments, const std::string& input) const {
    const std::filesystem::path file = home_ / "input";
    core::write_file(file, input);
    std::string command = "gpg --quiet --no-tty --batch --yes --homedir " + quoted(home_.string());
    for (const std::string& argument : arguments) command += ' ' + quoted(argument);
    return shell(command + " <" + quoted(file.string()) + " 2>" + quoted(home_ / "messages"));
}

std::string Gnupg::key(const std::string& algorithm, const std::string& expires,
                       const std::vector<std::string>& options, const std::string& usage) const {
    std::vector<std::string> arguments = options;
    for (const char* word : {"--passphrase", "", "--status-fd", "1", "--quick-generate-key"}) {
        arguments.emplace_back(word);
    }
    arguments.insert(arguments.end(), {"Test " + algorithm + " " + expires + " <test@example.org>",
                                       algorithm, usage, expires});
    const std::string status = run(arguments);
    const std::size_t at = status.find("KEY_CREATED P ");
    EXPECT_NE(at, std::string::npos) << status;
    return status.substr(at + 14, 40);
}

std::string Gnupg::exported(const std::string& fingerprint) const {
    return run({"--armor", "--export", fingerprint});
}

std::string Gnupg::signature(const std::string& bytes,
                             const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = options;
    arguments.insert(arguments.end(), {"--armor", "--detach-sign"});
    return run(arguments, bytes);
}

std::string Gnupg::clear_text(const std::string& text,
                              const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = options;
    arguments.emplace_back("--clear-sign");
    return run(arguments, text);
}

void Gnupg::revoke(const std::string& fingerprint) const {
    std::string certificate = core::read_file(home_ / "openpgp-revocs.d" / (fingerprint + ".rev"));
    // GnuPG guards the certificate it makes with each key by a colon in front of the armor.
    certificate.erase(certificate.find(":-----BEGIN"), 1);
    run({"--import"}, certificate);
}

void Gnupg::end_agent() const {
    shell("gpgconf --homedir " + quoted(home_.string()) + " --kill all 2>/dev/null");
    // It was told, and ends a little later.
    for (int i = 0; i < 500 && processes_of("gpg-agent", home_) > 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void sign_once(const core::Signer& signer) {
    const core::SigningRequest request{"sluice"};
    static_cast<void>(signer.sign({&request, 1}));
}

std::string dearmored(const std::string& text) {
    const Scratch scratch;
    return Gnupg(scratch / "h").run({"--dearmor"}, text);
}

}  // namespace signing_test
