// SPDX-License-Identifier: GPL-3.0-or-later
// .deb files as containers: what dpkg takes is read, what it would have to guess is refused.
#include "backends/apt/deb.hpp"

#include <chrono>
#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/workshop.hpp"

namespace {

using testing::TestWithParam;

class Debs : public testing::Test {
  protected:
    using Members = std::vector<std::pair<std::string, std::string>>;

    std::string control(const std::string& compress = "gzip -n") const {
        return workshop_.tar({{"control", minimal_control()}, {"md5sums", ""}}, compress);
    }
    std::string data(const std::string& compress = "gzip -n") const {
        return workshop_.tar({{"usr/bin/argus", "#!/bin/sh\n"}}, compress);
    }

    apt::Deb read(const std::string& bytes) const {
        core::write_file(workshop_.path("a.deb"), bytes);
        return apt::read_deb(
            archive::Source::once(core::File::open_to_read(workshop_.path("a.deb"))), limits_);
    }

    std::string refusal(const std::string& bytes) const {
        try {
            read(bytes);
        } catch (const core::Refused& refused) {
            return refused.code();
        }
        return "taken";
    }
    std::string refusal(const Members& members) const { return refusal(Workshop::ar(members)); }

    Workshop workshop_;
    core::PackageLimits limits_;
    const std::pair<std::string, std::string> version_{"debian-binary", "2.0\n"};
};

}  // namespace

TEST_F(Debs, InEveryCompressionDpkgTakesAreRead) {
    const std::vector<std::pair<std::string, std::string>> both{
        {"", "cat"}, {".gz", "gzip -n"}, {".xz", "xz"}, {".zst", "zstd -q"}};
    auto data_only = both;
    data_only.emplace_back(".bz2", "bzip2");
    data_only.emplace_back(".lzma", "xz --format=lzma");
    for (const auto& [suffix, compress] : both) {
        const auto deb = read(Workshop::ar(
            {version_, {"control.tar" + suffix, control(compress)}, {"data.tar", data("cat")}}));
        EXPECT_EQ(deb.control, minimal_control()) << suffix;
    }
    for (const auto& [suffix, compress] : data_only) {
        const auto deb = read(Workshop::ar(
            {version_, {"control.tar.gz", control()}, {"data.tar" + suffix, data(compress)}}));
        EXPECT_EQ(deb.files, "usr/bin/argus\n") << suffix;
    }
}

TEST_F(Debs, OfDpkgDebAreRead) {
    for (const char* options : {"-Zxz", "-Zgzip", "-Znone", "-Zzstd"}) {
        const auto file = workshop_.build("argus", "1.0-1", "amd64", "", options);
        const auto deb =
            apt::read_deb(archive::Source::once(core::File::open_to_read(file)), limits_);
        EXPECT_EQ(deb.size, std::filesystem::file_size(file));
        EXPECT_EQ(deb.files, "usr/share/argus/version\n");
        EXPECT_TRUE(deb.control.starts_with("Package: argus\n"));
    }
}

TEST_F(Debs, MayHaveMembersOfOthers) {
    EXPECT_EQ(refusal({version_,
                       {"_x", "1"},
                       {"control.tar.gz", control()},
                       {"data.tar.gz", data()},
                       {"_gpgbuilder", "sig"}}),
              "taken");
}

TEST_F(Debs, WithOtherMembersOrAnotherOrderAreRefused) {
    const std::pair<std::string, std::string> c{"control.tar.gz", control()};
    const std::pair<std::string, std::string> d{"data.tar.gz", data()};
    const std::vector<Members> wrong{{},
                                     {version_},
                                     {version_, c},
                                     {version_, d},
                                     {c, d},
                                     {c, version_, d},
                                     {version_, d, c},
                                     {version_, c, c, d},
                                     {version_, c, d, d},
                                     {version_, c, d, {"extra", "x"}},
                                     {version_, {"extra", "x"}, c, d}};
    for (const Members& members : wrong) EXPECT_EQ(refusal(members), "package-corrupt");
    const std::string cut = Workshop::ar({version_, c, d, {"_x", "four"}});
    EXPECT_EQ(refusal(cut), "taken");
    EXPECT_EQ(refusal(cut.substr(0, cut.size() - 1)), "package-corrupt");
}

TEST_F(Debs, InFormsDpkgDoesNotReadAreRefused) {
    EXPECT_EQ(refusal({version_, {"control.tar.bz2", control("bzip2")}, {"data.tar.gz", data()}}),
              "package-unsupported");
    EXPECT_EQ(
        refusal(
            {version_, {"control.tar.lzma", control("xz --format=lzma")}, {"data.tar.gz", data()}}),
        "package-unsupported");
    EXPECT_EQ(refusal({version_, {"control.tar.gz", control()}, {"data.tar.lz4", "x"}}),
              "package-unsupported");
    EXPECT_EQ(
        refusal(
            {{"debian-binary", "3.0\n"}, {"control.tar.gz", control()}, {"data.tar.gz", data()}}),
        "package-unsupported");
    EXPECT_EQ(refusal({version_, {"control.tar.xz", control()}, {"data.tar.gz", data()}}),
              "package-corrupt");
}

TEST_F(Debs, CutAnywhereAreRefused) {
    const std::string bytes = core::read_file(workshop_.build("argus", "1.0-1"));
    ASSERT_EQ(refusal(bytes), "taken");
    for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
        EXPECT_NE(refusal(bytes.substr(0, size)), "taken") << size << " of " << bytes.size();
    }
}

TEST_F(Debs, FollowedByAnythingAreRefused) {
    const std::string bytes = core::read_file(workshop_.build("argus", "1.0-1"));
    EXPECT_EQ(refusal(bytes + "x"), "package-corrupt");
    EXPECT_EQ(refusal(bytes + std::string(60, '\0')), "package-corrupt");
    EXPECT_EQ(refusal(bytes + bytes), "package-corrupt");
    EXPECT_EQ(refusal({version_, {"control.tar.gz", control() + "more"}, {"data.tar.gz", data()}}),
              "package-corrupt");
    EXPECT_EQ(refusal({version_, {"control.tar.gz", control()}, {"data.tar.gz", data() + "more"}}),
              "package-corrupt");
}

TEST_F(Debs, WithDamagedContentAreRefused) {
    std::string damaged = data("xz");
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    EXPECT_EQ(refusal({version_, {"control.tar.gz", control()}, {"data.tar.xz", damaged}}),
              "package-corrupt");
}

TEST_F(Debs, WithoutExactlyOneRegularControlFileAreRefused) {
    const auto with = [&](const std::string& made_by) {
        workshop_.run("rm -rf t && mkdir t && cd t && printf 'Package: a\\n' > file && " + made_by +
                      " && gzip -n < ../c.tar > ../c.gz");
        return refusal({version_,
                        {"control.tar.gz", core::read_file(workshop_.path("c.gz"))},
                        {"data.tar.gz", data()}});
    };
    EXPECT_EQ(with("tar -cf ../c.tar file"), "package-corrupt");
    EXPECT_EQ(with("ln -s file control; tar -cf ../c.tar control"), "package-corrupt");
    EXPECT_EQ(with("ln file control; tar -cf ../c.tar file control"), "package-corrupt");
    EXPECT_EQ(with("mkfifo control; tar -cf ../c.tar control"), "package-corrupt");
    EXPECT_EQ(with("mkdir control; tar -cf ../c.tar control"), "package-corrupt");
    EXPECT_EQ(
        with("mv file control; cp control x; tar --transform s/x/control/ -cf ../c.tar control x"),
        "package-corrupt");
    EXPECT_EQ(with("mv file control; tar -cf ../c.tar control"), "taken");
}

TEST_F(Debs, ThatExplodeAreRefusedAtOnce) {
    // The header of a file of 2 GiB, and its content in frames of 128 MiB.
    workshop_.run(
        "mkdir t && truncate -s 2G t/control && tar -C t -c ./control | head -c 512 | zstd -q > "
        "bomb; "
        "head -c 128M /dev/zero | zstd -q > zeros; for i in $(seq 16); do cat zeros; done >> bomb");
    const std::string bomb = core::read_file(workshop_.path("bomb"));
    ASSERT_LT(bomb.size(), 200'000u);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(refusal({version_, {"control.tar.zst", bomb}, {"data.tar.gz", data()}}),
              "control-size");
    EXPECT_EQ(refusal({version_, {"control.tar.gz", control()}, {"data.tar.zst", bomb}}),
              "package-limit");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}
