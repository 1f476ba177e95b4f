// SPDX-License-Identifier: GPL-3.0-or-later
// Files, ftp directories and rsync, from servers good and bad.
#include "rt-bridge/fetch/fetcher.hpp"

#include <fstream>

#include "tests/rt-bridge/fetch/fetching.hpp"

namespace fetch {
namespace {

using Names = std::set<std::string>;

class Files : public tests::Fetching {
  protected:
    Source files(const std::vector<std::string>& paths) const {
        Source source;
        for (const std::string& path : paths) source.urls.push_back(url(path));
        return source;
    }

    const std::string rpm_ = "/files/yum/Packages/tool-1.0-1.el9.noarch.rpm";
};

TEST_F(Files, PackagesComeUnderTheirNames) {
    const auto result =
        fetch(files({rpm_, "/files/apt/pool/main/t/tool_1%253a1.0-1_all.deb"}), settings());
    EXPECT_EQ(result, into_);
    EXPECT_EQ(fetched(), (Names{"tool-1.0-1.el9.noarch.rpm", "tool_1_3a1.0-1_all.deb"}));
}

TEST_F(Files, TwoOfOneNameAreBothKept) {
    fetch(files({rpm_, rpm_}), settings());
    EXPECT_EQ(fetched(), (Names{"tool-1.0-1.el9.noarch.rpm", "_2/tool-1.0-1.el9.noarch.rpm"}));
}

TEST_F(Files, AnArchiveIsTheBundle) {
    ASSERT_EQ(std::system(("tar -czf '" + (root_ / "b.tar.gz").string() + "' -C '" +
                           (root_ / "yum").string() + "' .")
                              .c_str()),
              0);
    EXPECT_EQ(fetch(files({"/files/b.tar.gz"}), settings()), into_ / "b.tar.gz");
}

TEST_F(Files, WhatIsNoPackageNeverBecomesOne) {
    std::ofstream(root_ / "page.rpm") << "<html>Please log in</html>";
    std::ofstream(root_ / "text.rpm") << "not found\n";
    std::ofstream(root_ / "empty.rpm");
    EXPECT_EQ(code(files({"/files/page.rpm"}), settings()), "download-content");
    EXPECT_EQ(code(files({"/files/text.rpm"}), settings()), "download-content");
    EXPECT_EQ(code(files({"/files/empty.rpm"}), settings()), "download-content");
    EXPECT_EQ(code(files({"/html/a.rpm"}), settings()), "download-content");
    EXPECT_EQ(code(files({"/files/missing.rpm"}), settings()), "download-failed");
    EXPECT_NE(text_.find("404"), std::string::npos);
}

TEST_F(Files, EachTroubleHasItsCode) {
    Settings tight = settings();
    tight.bounds.file_bytes = 2 << 20;
    EXPECT_EQ(code(files({"/truncated"}), tight), "download-failed");
    EXPECT_EQ(code(files({"/endless"}), tight), "download-limit");
    EXPECT_EQ(code(files({"/drip"}), tight), "download-limit");
    EXPECT_EQ(code(files({"/redirect?to=file:///etc/passwd"}), tight), "download-forbidden");
    EXPECT_EQ(code(files({"/redirect?to=http://169.254.169.254/"}), tight), "download-forbidden");
    EXPECT_EQ(code({Kind::files, {"http://other.example.org/x.rpm"}, "", {}}, tight),
              "download-forbidden");
    EXPECT_EQ(code({Kind::files, {"http://127.0.0.1:22/"}, "", {}}, tight), "download-forbidden");
    EXPECT_EQ(code({Kind::files, {"file:///etc/passwd"}, "", {}}, tight), "download-forbidden");
    tight.access.networks.clear();
    EXPECT_EQ(code(files({rpm_}), tight), "download-forbidden");
}

TEST_F(Files, TheWholeIsBoundedToo) {
    const std::uint64_t size =
        std::filesystem::file_size(root_ / "yum/Packages/tool-1.0-1.el9.noarch.rpm");
    Settings tight = settings();
    tight.bounds.files = 1;
    EXPECT_EQ(code(files({rpm_, rpm_}), tight), "download-limit");
    tight = settings();
    tight.bounds.total_bytes = 2 * size - 1;
    EXPECT_EQ(code(files({rpm_, rpm_}), tight), "download-limit");
    tight = settings();
    tight.bounds.time = std::chrono::seconds(0);
    EXPECT_EQ(code(files({rpm_}), tight), "download-limit");
}

class FtpDirectory : public tests::Fetching {
  protected:
    Settings ftp_settings() const {
        Settings allowed = settings();
        allowed.access.hosts.push_back("127.0.0.1:" + ftp_.line());
        return allowed;
    }

    Source source(const std::string& path) const {
        return {Kind::ftp_directory, {"ftp://127.0.0.1:" + ftp_.line() + path}, "", {}};
    }

    tests::HelperProcess ftp_{{"python3", HELPERS "/ftp_server.py", root_.string()}};
};

TEST_F(FtpDirectory, PackagesInItAndBelowAreFetched) {
    std::ofstream(root_ / "yum/README") << "not wanted";
    EXPECT_EQ(fetch(source("/yum/"), ftp_settings()), into_);
    EXPECT_TRUE(fetched().contains("Packages/tool-1.0-1.el9.noarch.rpm"));
    EXPECT_FALSE(fetched().contains("README"));
}

TEST_F(FtpDirectory, NothingThereIsSaidSo) {
    std::filesystem::create_directory(root_ / "empty");
    EXPECT_EQ(code(source("/empty/"), ftp_settings()), "download-content");
    EXPECT_EQ(code(source("/missing/"), ftp_settings()), "download-failed");
}

TEST_F(FtpDirectory, TheServerMustBeAllowed) {
    EXPECT_EQ(code(source("/yum/"), settings()), "download-forbidden");
    Settings no_network = ftp_settings();
    no_network.access.networks.clear();
    EXPECT_EQ(code(source("/yum/"), no_network), "download-forbidden");
}

TEST_F(FtpDirectory, ASingleFileComesByFtpToo) {
    EXPECT_EQ(code({Kind::files,
                    {"ftp://127.0.0.1:" + ftp_.line() + "/yum/Packages/tool-1.0-1.el9.noarch.rpm"},
                    "",
                    {}},
                   ftp_settings()),
              "");
    EXPECT_EQ(
        code({Kind::files, {"ftp://127.0.0.1:" + ftp_.line() + "/no.rpm"}, "", {}}, ftp_settings()),
        "download-failed");
}

class Rsync : public tests::Fetching {
  protected:
    Settings rsync_settings() const {
        Settings allowed = settings();
        allowed.access.hosts.push_back("127.0.0.1:" + rsync_.line());
        return allowed;
    }

    Source source(const std::string& path) const {
        return {Kind::rsync, {"rsync://127.0.0.1:" + rsync_.line() + path}, "", {}};
    }

    tests::HelperProcess rsync_{{"python3", HELPERS "/rsync_server.py", root_.string()}};
};

TEST_F(Rsync, PackagesOfAModulesDirectoryAreFetched) {
    std::ofstream(root_ / "flat/README") << "not wanted";
    EXPECT_EQ(fetch(source("/release/flat"), rsync_settings()), into_);
    EXPECT_EQ(fetched(), (Names{"tool_1%3a1.0-1_all.deb"}));
}

TEST_F(Rsync, LinksAndPagesDoNotCome) {
    std::filesystem::create_symlink("/etc/passwd", root_ / "flat/link.rpm");
    EXPECT_EQ(code(source("/release/flat/"), rsync_settings()), "");
    EXPECT_EQ(fetched(), (Names{"tool_1%3a1.0-1_all.deb"}));
    std::ofstream(root_ / "flat/page.rpm") << "<html>404</html>";
    EXPECT_EQ(code(source("/release/flat/"), rsync_settings()), "download-content");
}

TEST_F(Rsync, ItsBoundsHold) {
    std::ofstream(root_ / "flat/large.rpm") << std::string(3 << 20, 'x');
    Settings tight = rsync_settings();
    tight.bounds.file_bytes = 1 << 20;
    EXPECT_EQ(code(source("/release/flat/"), tight), "download-failed");
    tight = rsync_settings();
    tight.bounds.total_bytes = 1 << 20;
    EXPECT_EQ(code(source("/release/flat/"), tight), "download-limit");
    tight = rsync_settings();
    tight.bounds.files = 1;
    EXPECT_EQ(code(source("/release/flat/"), tight), "download-limit");
}

TEST_F(Rsync, OnlyAllowedServersAndModules) {
    EXPECT_EQ(code(source("/release/flat/"), settings()), "download-forbidden");
    EXPECT_EQ(code(source("/"), rsync_settings()), "download-forbidden");
    EXPECT_EQ(code(source("/other/"), rsync_settings()), "download-failed");
    Settings no_network = rsync_settings();
    no_network.access.networks.clear();
    EXPECT_EQ(code(source("/release/flat/"), no_network), "download-forbidden");
    Settings no_rsync = rsync_settings();
    no_rsync.access.schemes = {"http"};
    EXPECT_EQ(code(source("/release/flat/"), no_rsync), "download-forbidden");
}

}  // namespace
}  // namespace fetch
