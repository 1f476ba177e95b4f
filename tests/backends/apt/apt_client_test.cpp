// SPDX-License-Identifier: GPL-3.0-or-later
// The real apt reads what was composed and signed: by file: and by http, with its checks on.
#include <gtest/gtest.h>
#include <signal.h>

#include "core/system/files.hpp"
#include "signing/keys.hpp"
#include "signing/signer.hpp"
#include "signing/verifier.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {
namespace fs = std::filesystem;

class AptClient : public testing::Test {
  protected:
    void SetUp() override {
        const fs::path home = workshop_.path("home");
        const std::string key = signing::generate_key(home, "Depot <depot@example.org>",
                                                      signing::NewKeyAlgorithm::ed25519);
        signer_ = std::make_unique<signing::GpgSigner>(home, key);
        for (const char* directory :
             {"state/lists/partial", "cache-apt/archives/partial", "etc/apt.conf.d",
              "etc/preferences.d", "etc/sources.list.d", "log"}) {
            core::make_directories(workshop_.path(directory));
        }
        core::write_file(workshop_.path("status"), "");
    }
    void TearDown() override {
        if (server_ > 0) ::kill(server_, SIGTERM);
        workshop_.run("gpgconf --homedir home --kill gpg-agent");
    }

    /// Composes, signs, verifies and puts in place what a site would see at `repository/`.
    void publish(const core::Composition& composition,
                 const std::vector<core::Package>& packages) const {
        const apt::AptBackend backend = workshop_.backend();
        const fs::path next = workshop_.path("next");
        core::make_directories(next);
        const core::Composed composed = backend.compose(composition, next);
        for (const core::SigningTask& task : composed.signing) {
            const std::string bytes = core::read_file(next / task.file);
            const core::SigningRequest request{bytes, task.form};
            core::write_file(next / task.output, signer_->sign({&request, 1}).front());
        }
        const std::string key = signer_->public_key();
        backend.check(next, signing::FreshVerifier(workshop_.path(""), {&key, 1}));
        workshop_.run(
            "mkdir -p repository && rm -rf repository/dists && mv next/dists repository/ && rmdir "
            "next");
        for (const core::Package& package : packages) {
            const fs::path file = workshop_.path("repository") / package.path;
            core::make_directories(file.parent_path());
            core::hard_link(workshop_.pool().file(package.digest, "deb"), file);
        }
    }

    void subscribe(const core::Composition& composition, const std::string& url) const {
        core::ClientEntry entry;
        entry.repository = composition.repository;
        entry.platform = composition.platform;
        entry.id = "umd5-production";
        entry.title = "UMD 5 production";
        entry.suite = composition.line.name;
        entry.url = url;
        entry.public_key = signer_->public_key();
        entry.enabled = composition.stage.enabled;
        core::write_file(workshop_.path("etc/sources.list.d/umd5.sources"),
                         workshop_.backend().client_file(entry));
    }

    std::string apt(const std::string& command) const {
        const std::string d = workshop_.path("").string();
        return workshop_.run(  // apt forgets the keys of .sources files in its temporary directory.
            "LC_ALL=C TMPDIR=" + d + " " + command.substr(0, command.find(' ')) +
            " -o Dir::State=" + d + "state -o Dir::State::status=" + d +
            "status -o Dir::Cache=" + d + "cache-apt -o Dir::Etc=" + d + "etc -o Dir::Log=" + d +
            "log -o APT::Architecture=amd64 -o APT::Architectures=amd64 "
            "-o APT::Sandbox::User= -o Acquire::Languages=none "
            "-o Acquire::Check-Valid-Until=true -o Acquire::Check-Date=true "
            "-o APT::Get::List-Cleanup=true -o Acquire::http::Proxy=DIRECT " +
            command.substr(command.find(' ')));
    }

    std::string serve() {
        // The server says its port as soon as it listens, and ends with the test.
        workshop_.run(
            "cd repository && (exec python3 -u -m http.server --bind 127.0.0.1 0 "
            "> ../server.log 2>&1 & echo $! > ../server.pid); for i in $(seq 100); do "
            "grep -q Serving ../server.log && break; sleep 0.05; done");
        server_ = std::stoi(core::read_file(workshop_.path("server.pid")));
        const std::string port = workshop_.run("sed -n 's/.*port \\([0-9]*\\).*/\\1/p' server.log");
        return "http://127.0.0.1:" + port.substr(0, port.find('\n'));
    }

    Workshop workshop_;
    std::unique_ptr<signing::GpgSigner> signer_;
    int server_ = 0;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_F(AptClient, InstallsFromAFileUrlAndSeesAnUpgrade) {
    const core::Package one = workshop_.admit(workshop_.build("argus", "1.7-1"));
    core::Composition composition = composition_of(workshop_.backend(), {one});
    composition.date -= std::chrono::minutes(1);
    publish(composition, {one});
    subscribe(composition, "file://" + workshop_.path("repository").string());
    EXPECT_FALSE(contains(apt("apt-get update"), "W:"));
    EXPECT_TRUE(contains(apt("apt-cache policy argus"), "Candidate: 1.7-1"));

    const core::Package two =
        workshop_.admit(workshop_.build("argus", "1.8-1", "amd64", "Depends: argus-doc\n"));
    const core::Package doc = workshop_.admit(workshop_.build("argus-doc", "1.8-1", "all"));
    composition = composition_of(workshop_.backend(), {one, two, doc});
    publish(composition, {two, doc});
    apt("apt-get update");
    EXPECT_TRUE(contains(apt("apt-cache policy argus"), "Candidate: 1.8-1"));
    const std::string plan = apt("apt-get --simulate install argus");
    EXPECT_TRUE(contains(plan, "Inst argus (1.8-1 UMD 5:production [amd64])")) << plan;
    EXPECT_TRUE(contains(plan, "Inst argus-doc (1.8-1 UMD 5:production [all])")) << plan;
}

TEST_F(AptClient, DownloadsByHttpAndAsksByHash) {
    const core::Package package =
        workshop_.admit(workshop_.build("argus", "2:1.7-1", "amd64", "", "-Zxz"));
    const core::Composition composition = composition_of(workshop_.backend(), {package});
    publish(composition, {package});
    subscribe(composition, serve());
    const std::string update = apt("apt-get update");
    EXPECT_FALSE(contains(update, "W:")) << update;
    apt("apt-get download argus");
    EXPECT_EQ(core::sha256_file(workshop_.path("argus_2%3a1.7-1_amd64.deb")), package.digest);
    const std::string asked = core::read_file(workshop_.path("server.log"));
    EXPECT_TRUE(contains(asked, "GET /dists/umd5/main/binary-amd64/by-hash/SHA256/")) << asked;
    EXPECT_FALSE(contains(asked, "\" 404 ")) << asked;
}

TEST_F(AptClient, GivesAStageThatIsNotEnabledALowPriority) {
    const core::Package package = workshop_.admit(workshop_.build("argus", "1.7-1"));
    core::Composition composition = composition_of(workshop_.backend(), {package});
    composition.stage.enabled = false;
    composition.stage.name = "unverified";
    publish(composition, {package});
    subscribe(composition, "file://" + workshop_.path("repository").string());
    const fs::path sources = workshop_.path("etc/sources.list.d/umd5.sources");
    apt("apt-get update");
    EXPECT_FALSE(contains(apt("apt-cache policy argus"), "Candidate: 1.7-1"));
    workshop_.run("sed -i '/^Enabled: no$/d' " + sources.string());
    apt("apt-get update");
    const std::string policy = apt("apt-cache policy argus");
    EXPECT_TRUE(contains(policy, "     1.7-1 100\n        100 file:")) << policy;
}

TEST_F(AptClient, RefusesWhatExpiredOrWasTamperedWith) {
    const core::Package package = workshop_.admit(workshop_.build("argus", "1.7-1"));
    core::Composition composition = composition_of(workshop_.backend(), {package});
    subscribe(composition, "file://" + workshop_.path("repository").string());
    composition.date -= std::chrono::hours(48);
    composition.valid_until = composition.date + std::chrono::hours(24);
    publish(composition, {package});
    EXPECT_THROW(apt("apt-get update"), std::runtime_error);
    publish(composition_of(workshop_.backend(), {package}), {package});
    apt("apt-get update");
    workshop_.run("sed -i 's/^Origin: EGI/Origin: EGO/' repository/dists/umd5/InRelease");
    EXPECT_THROW(apt("apt-get -o Debug::Acquire::file=1 update --error-on=any"),
                 std::runtime_error);
}

TEST_F(AptClient, TakesAClientFileWithoutAnAddress) {
    subscribe(composition_of(workshop_.backend(), {}), "");
    EXPECT_FALSE(contains(apt("apt-get update"), "E:"));
}

TEST_F(AptClient, FindsThePackageOfAFileByAptFile) {
    const core::Package one =
        workshop_.admit(workshop_.build("argus", "1.7-1", "amd64", "Section: net\n"));
    const core::Package doc = workshop_.admit(workshop_.build("argus-doc", "1.8-1", "all"));
    const core::Composition composition = composition_of(workshop_.backend(), {one, doc});
    publish(composition, {one, doc});
    subscribe(composition, serve());
    workshop_.run("cp /etc/apt/apt.conf.d/50apt-file.conf etc/apt.conf.d/");
    const std::string d = workshop_.path("").string();
    // apt-file and the helpers it calls take their directories from one file.
    core::write_file(workshop_.path("apt.conf"),
                     "Dir::State \"" + d + "state\"; Dir::State::status \"" + d +
                         "status\"; Dir::Cache \"" + d + "cache-apt\"; Dir::Etc \"" + d +
                         "etc\"; Dir::Log \"" + d +
                         "log\"; APT::Architecture \"amd64\"; APT::Architectures { \"amd64\"; };\n"
                         "APT::Sandbox::User \"\"; Acquire::Languages \"none\"; "
                         "Acquire::http::Proxy \"DIRECT\";\n");
    const std::string private_apt = "LC_ALL=C TMPDIR=" + d + " APT_CONFIG=" + d + "apt.conf ";
    const std::string update = workshop_.run(private_apt + "apt-file update");
    EXPECT_FALSE(contains(update, "W:")) << update;
    EXPECT_FALSE(contains(update, "E:")) << update;
    EXPECT_EQ(workshop_.run(private_apt + "apt-file search usr/share/argus/version"),
              "argus: /usr/share/argus/version\n");
    EXPECT_EQ(workshop_.run(private_apt + "apt-file list argus-doc"),
              "argus-doc: /usr/share/argus-doc/version\n");
    const std::string asked = core::read_file(workshop_.path("server.log"));
    EXPECT_TRUE(contains(asked, "GET /dists/umd5/main/by-hash/SHA256/")) << asked;
    EXPECT_FALSE(contains(asked, "\" 404 ")) << asked;
}
