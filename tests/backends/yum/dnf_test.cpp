// SPDX-License-Identifier: GPL-3.0-or-later
// Real dnf as the judge: it reads, checks and downloads from trees that were composed and signed
// here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/system/files.hpp"
#include "tests/backends/yum/stand.hpp"

namespace {

namespace fs = std::filesystem;
using stand::Stand;
using testing::HasSubstr;
using testing::Not;
using workshop::Outcome;
using workshop::quoted;

/// A site that has installed our client file, in a root of its own.
class Site {
  public:
    explicit Site(Stand& stand) : stand_(stand) {
        for (const char* name : {"repos", "logdir"}) core::make_directories(site_ / name);
        core::write_file(site_ / "depot.asc", stand.key().public_key());
        core::write_file(site_ / "dnf.conf", "[main]\nplugins=0\n");
        core::ClientEntry entry;
        entry.id = "umd5-production";
        entry.title = "UMD 5";
        entry.url = "file://" + stand.scratch.path().string() + "/el9";
        entry.key_urls = {"file://" + (site_ / "depot.asc").string()};
        entry.enabled = true;
        core::write_file(site_ / "repos/sluice.repo", stand.backend.client_file(entry));
    }

    ~Site() {
        // dnf leaves an agent for each repository's keyring.
        workshop::run("for home in " + quoted(site_.path().string()) +
                      "/cachedir/*/pubring; do gpgconf --homedir \"$home\" --kill all; done");
    }

    Outcome dnf(const std::string& arguments) const {
        const auto option = [&](const std::string& name) {
            return " --setopt=" + name + "=" + quoted((site_ / name).string());
        };
        return workshop::run(
            "cd " + quoted(site_.path().string()) + " && dnf -c dnf.conf -y -q --installroot=" +
            quoted((site_ / "root").string()) + " --releasever=9 --forcearch=x86_64" +
            " --setopt=reposdir=" + quoted((site_ / "repos").string()) +
            " --setopt=skip_if_unavailable=0" + option("cachedir") + option("persistdir") +
            option("logdir") + " --refresh " + arguments);
    }

    fs::path tree() const { return stand_.scratch / "el9/x86_64"; }
    const workshop::Scratch& scratch() const { return site_; }

  private:
    Stand& stand_;
    workshop::Scratch site_;
};

const std::string all_packages = "repoquery --qf '%{name}-%{evr}.%{arch} %{reponame}' '*'";

TEST(Dnf, ListsDownloadsAndInstallsWithTheSignatureChecked) {
    Stand stand;
    const Site site(stand);
    stand.publish(site.tree(),
                  {stand.admit("hollow-1-1.noarch.rpm"), stand.admit("lib-1.0-1.el9.x86_64.rpm"),
                   stand.admit("lib-1.0-1.el9.i686.rpm"),
                   stand.admit("Upper_Case+plus-1.0~rc1^git2-1.el9.noarch.rpm")});
    const Outcome list = site.dnf(all_packages);
    EXPECT_THAT(list.output, HasSubstr("hollow-1-1.noarch umd5-production"));
    EXPECT_THAT(list.output, HasSubstr("lib-1.0-1.el9.x86_64"));
    EXPECT_THAT(list.output, HasSubstr("lib-1.0-1.el9.i686"));

    const Outcome install =
        site.dnf("install --downloadonly --downloaddir=down hollow lib.x86_64 Upper_Case+plus");
    EXPECT_EQ(install.status, 0) << install.output;
    EXPECT_TRUE(fs::exists(site.scratch() / "down/lib-1.0-1.el9.x86_64.rpm"));
    EXPECT_TRUE(fs::exists(site.scratch() / "down/Upper_Case+plus-1.0~rc1^git2-1.el9.noarch.rpm"));

    const Outcome installed = site.dnf("install hollow");
    EXPECT_EQ(installed.status, 0) << installed.output;
    EXPECT_THAT(site.dnf("list --installed").output, HasSubstr("hollow.noarch"));
}

TEST(Dnf, RefusesATreeWhoseMetadataWasTouched) {
    Stand stand;
    const Site site(stand);
    stand.publish(site.tree(), {stand.admit("hollow-1-1.noarch.rpm")});
    const fs::path repomd = site.tree() / "repodata/repomd.xml";
    core::write_file(repomd, core::read_file(repomd) + "<!-- -->");
    const Outcome list = site.dnf(all_packages);
    EXPECT_NE(list.status, 0) << list.output;
    EXPECT_THAT(list.output, Not(HasSubstr("hollow-1")));
}

TEST(Dnf, SeesFilesDependenciesAndChangeLogs) {
    Stand stand;
    const Site site(stand);
    stand.publish(site.tree(), {stand.admit("argus-1.7.3-1.el9.noarch.rpm"),
                                stand.admit("argus-1.7.4-1.el9.noarch.rpm")});
    EXPECT_THAT(site.dnf("repoquery --latest-limit 1 argus").output,
                HasSubstr("argus-2:1.7.4-1.el9"));
    EXPECT_THAT(site.dnf("repoquery --list argus").output,
                HasSubstr("/usr/share/argus/a file & more"));
    EXPECT_THAT(site.dnf("repoquery --recommends argus").output, HasSubstr("argus-doc >= 1"));
    EXPECT_THAT(site.dnf("repoquery --requires argus").output, HasSubstr("(foo if bar)"));
    EXPECT_THAT(site.dnf("repoquery --file /usr/bin/argus").output, HasSubstr("argus-2:1.7.3"));
    EXPECT_THAT(site.dnf("repoquery --changelog argus-1.7.4").output, HasSubstr("Change of Dec"));
}

TEST(Dnf, KnowsAdvisoriesAndGroups) {
    Stand stand;
    const Site site(stand);
    const core::Package older = stand.admit("argus-1.7.3-1.el9.noarch.rpm");
    const core::Package newer = stand.admit("argus-1.7.4-1.el9.noarch.rpm");
    const core::Package hollow = stand.admit("hollow-1-1.noarch.rpm");
    const std::vector<std::string> bundled = {
        "<updates><update status=\"final\" type=\"enhancement\" from=\"x\" "
        "version=\"1\"><id>X-1</id>"
        "<title>t</title><issued date=\"2026-01-01 00:00:00\"/><pkglist><collection><package "
        "name=\"hollow\" version=\"1\" release=\"1\" epoch=\"0\" "
        "arch=\"noarch\"><filename>hollow-1-1."
        "noarch.rpm</filename></package></collection></pkglist></update></updates>",
        "<comps><group><id>grid</id><name>Grid "
        "Tools</name><description>d</description><default>false"
        "</default><uservisible>true</uservisible><packagelist><packagereq "
        "type=\"mandatory\">hollow"
        "</packagereq></packagelist></group></comps>"};
    const auto documents =
        stand.backend
            .documents(stand::release("argus-1.7.4", {newer}), stand::el9(), {bundled, true})
            .documents;
    std::map<std::string, core::Rows> rows;
    for (const auto& [document, bytes] : documents) {
        rows[document.index].push_back(stand.document(document.name, bytes));
    }
    const core::Composed composed = stand.publish(site.tree(), {older, newer, hollow}, rows);
    EXPECT_EQ(composed.lasting.size(), 6u);
    stand.backend.check(site.tree(), stand.key());

    EXPECT_THAT(site.dnf("repoquery --advisory argus-1.7.4").output,
                testing::AllOf(HasSubstr("argus-2:1.7.4"), Not(HasSubstr("1.7.3"))));
    EXPECT_THAT(site.dnf("repoquery --advisory X-1").output, HasSubstr("hollow"));
    EXPECT_THAT(site.dnf("repoquery --security").output, HasSubstr("argus-2:1.7.4"));
    EXPECT_THAT(site.dnf("group list --hidden").output, HasSubstr("Grid Tools"));
    const Outcome install = site.dnf("group install grid");
    EXPECT_EQ(install.status, 0) << install.output;
    EXPECT_THAT(site.dnf("list --installed").output, HasSubstr("hollow.noarch"));
}

}  // namespace
