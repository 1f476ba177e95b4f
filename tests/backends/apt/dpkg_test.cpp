// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever dpkg refuses we refuse: forged packages, unpacked by the real one into a root of its
// own.
#include <gtest/gtest.h>

#include "backends/apt/deb.hpp"
#include "backends/apt/inspector.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "tests/backends/apt/forged_deb.hpp"

namespace {

using Data = std::vector<TarMember>;

Data with(Data more) {
    Data members = sound_members();
    members.insert(members.end(), more.begin(), more.end());
    return members;
}

Data control_with(Data more, const std::string& fields = {}) {
    Data members = control_members(fields);
    members.insert(members.end(), more.begin(), more.end());
    return members;
}

auto put(std::size_t at, const std::string& text) {
    return [=](std::string& header) { header.replace(at, text.size(), text); };
}

struct Case {
    std::string what;
    std::string bytes;
    std::string verdict;  // ours
};

std::vector<Case> cases_of_versions() {
    std::vector<Case> cases;
    const auto add = [&](const std::string& version, const char* verdict) {
        cases.push_back(
            {"version " + version, deb_of(control_members(), sound_members(), version), verdict});
    };
    for (const char* taken :
         {"2.0\n", "2.1\n", "2.0\nmore\n", "2.0\n\n\n", "02.0\n", "2.2147483647\n"}) {
        add(taken, "taken");
    }
    for (const char* broken : {"2.0", "2.", "2.\n", "2\n", "2.0x\n", " 2.0\n", "2.0 \n", "2.x\n",
                               "", "2.2147483648\n", "2.0\r\n", ".0\n", "2.-1\n"}) {
        add(broken, "package-corrupt");
    }
    add("3.0\n", "package-unsupported");
    add("1.0\n", "package-unsupported");
    return cases;
}

std::vector<Case> cases_of_data() {
    const std::string corrupt = "package-corrupt";
    const std::string long_name = "./usr/" + std::string(150, 'n');
    const std::string longer_name = "./usr/" + std::string(247, 'n');
    std::vector<Case> cases;
    const auto add = [&](const std::string& what, const Data& more, const std::string& verdict) {
        cases.push_back({what, deb_of(control_members(), with(more)), verdict});
    };
    add("sound", {}, "taken");
    add("no ./", {{"usr/x", '0'}}, "taken");
    add("absolute", {{"/usr/x", '0'}}, corrupt);
    add("..", {{"./usr/../x", '0'}}, corrupt);
    add(".. at the end", {{"./usr/..", '5'}}, corrupt);
    add(".", {{"./usr/./x", '0'}}, corrupt);
    add("//", {{"./usr//x", '0'}}, corrupt);
    add("no name", {{"", '0', "", "", put(265, "root")}}, corrupt);
    add("line break", {{"./usr/a\nb", '0'}}, corrupt);
    add("twice", {{"./usr/bin/argus", '0'}}, corrupt);
    add("twice, otherwise written", {{"usr/bin/argus", '0'}}, corrupt);
    add("directory twice", {{"./usr/bin/", '5'}}, corrupt);
    add("directory and file", {{"./usr/bin", '0'}}, corrupt);
    add("symlink", {{"./usr/s", '2', "", "/etc/passwd"}}, "taken");
    add("symlink to nothing", {{"./usr/s", '2'}}, corrupt);
    add("below a symlink", {{"./usr/s", '2', "", "/etc"}, {"./usr/s/x", '0'}}, corrupt);
    add("below a later symlink", {{"./usr/s/x", '0'}, {"./usr/s", '2', "", "/etc"}}, corrupt);
    add("below a file", {{"./usr/bin/argus/x", '0'}}, corrupt);
    add("hard link", {{"./usr/h", '1', "", "./usr/bin/argus"}}, "taken");
    add("hard link to nothing", {{"./usr/h", '1', "", "./usr/none"}}, corrupt);
    add("hard link outside", {{"./usr/h", '1', "", "./../../etc/passwd"}}, corrupt);
    add("hard link ahead", {{"./usr/h", '1', "", "./usr/l"}, {"./usr/l", '0'}}, corrupt);
    add("hard link to a directory", {{"./usr/h", '1', "", "./usr/bin"}}, corrupt);
    add("hard link to a symlink", {{"./usr/s", '2', "", "x"}, {"./usr/h", '1', "", "./usr/s"}},
        corrupt);
    add("pipe", {{"./usr/p", '6'}}, "taken");
    add("device", {{"./usr/d", '3', "", "", put(329, "0000001")}}, "package-unsupported");
    add("type 7", {{"./usr/x", '7'}}, corrupt);
    add("unknown type", {{"./usr/x", 'Z'}}, corrupt);
    add("sparse", {{"./usr/x", 'S'}}, corrupt);
    add("pax", {{"./x", 'x', "11 mtime=1\n"}, {"./usr/x", '0'}}, corrupt);
    add("global pax", {{"./x", 'g', "14 path=./etc\n"}, {"./usr/x", '0'}}, corrupt);
    add("global comment", {{"./x", 'g', "13 comment=a\n"}, {"./usr/x", '0'}}, corrupt);
    add("long name", {{"././@LongLink", 'L', long_name + std::string(1, '\0')}, {"./usr/n", '0'}},
        "taken");
    add("long name without end", {{"././@LongLink", 'L', long_name}, {"./usr/n", '0'}}, corrupt);
    add("name that dpkg cannot unpack",
        {{"././@LongLink", 'L', longer_name + std::string(1, '\0')}, {"./usr/n", '0'}}, corrupt);
    add("prefix in ustar",
        {{"x", '0', "", "",
          [](std::string& header) {
              header.replace(257, 8,
                             std::string("ustar\0"
                                         "00",
                                         8));
              header.replace(345, 5, "./usr");
          }}},
        "taken");
    add("unknown magic", {{"./usr/x", '0', "", "", put(257, "ustarX00")}}, corrupt);
    for (const auto& [field, at] :
         {std::pair{"mode", 100}, {"uid", 108}, {"gid", 116}, {"mtime", 136}}) {
        const auto position = static_cast<std::size_t>(at);
        add(std::string(field) + " no number", {{"./usr/x", '0', "", "", put(position, "00x0000")}},
            corrupt);
        add(std::string(field) + " blank",
            {{"./usr/x", '0', "", "", put(position, std::string(8, ' '))}},
            field == std::string("mtime") ? "taken" : corrupt);
    }
    return cases;
}

std::vector<Case> cases_of_control() {
    const std::string corrupt = "package-corrupt";
    std::vector<Case> cases;
    const auto add = [&](const std::string& what, const Data& more, const std::string& verdict) {
        cases.push_back({what, deb_of(control_with(more), sound_members()), verdict});
    };
    add("other files", {{"./md5sums", '0', "x"}}, "taken");
    add("a directory in control", {{"./sub/", '5'}}, corrupt);
    add("a file in a directory", {{"./sub/", '5'}, {"./sub/x", '0'}}, corrupt);
    add("two control files", {{"./control", '0', "Package: b\n"}}, corrupt);
    add("..", {{"../x", '0'}}, corrupt);
    add("global path", {{"./g", 'g', "14 path=./etc\n"}, {"./md5sums", '0'}}, corrupt);
    add("conffiles", {{"./conffiles", '0', "/etc/a\n\nremove-on-upgrade /etc/b\n"}}, "taken");
    add("conffiles, relative", {{"./conffiles", '0', "etc/a\n"}}, corrupt);
    add("conffiles, cut", {{"./conffiles", '0', "/etc/a"}}, corrupt);
    add("conffiles, flag", {{"./conffiles", '0', "other /etc/a\n"}}, corrupt);
    add("conffiles, long", {{"./conffiles", '0', "/" + std::string(2000, 'x') + "\n"}}, corrupt);
    const auto field = [&](const std::string& text, const std::string& verdict) {
        cases.push_back({text, deb_of(control_members(text), sound_members()), verdict});
    };
    field("Essential: maybe\n", "package-name");
    field("Protected: 1\n", "package-name");
    field("Multi-Arch: sometimes\n", "package-name");
    field("Multi-Arch: same\n", "package-name");  // it is of all architectures
    field("Multi-Arch: foreign\nEssential: no\n", "taken");
    field("Depends: a (>> 1) b\n", "package-relation");
    return cases;
}

class Dpkg : public testing::Test {
  protected:
    /// What dpkg says; empty if it takes the package.
    std::string objection(const std::string& bytes) const {
        core::write_file(workshop_.path("a.deb"), bytes);
        try {
            workshop_.run(
                "rm -rf root; mkdir -p root/db/updates root/db/info root/db/triggers && "
                ": > root/db/status && : > root/db/available && "
                "dpkg-deb --info a.deb >info && dpkg-deb --ctrl-tarfile a.deb >control && "
                "dpkg-deb --fsys-tarfile a.deb >data && "
                "dpkg --force-not-root --force-bad-path --force-script-chrootless --root=root "
                "--admindir=root/db "
                "--log=/dev/null --unpack a.deb");
            return {};
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }

    std::string verdict(const std::string& bytes) const {
        core::write_file(workshop_.path("a.deb"), bytes);
        try {
            ::read(workshop_.path("a.deb"), core::sha256(bytes));
            return "taken";
        } catch (const core::Refused& refused) {
            return refused.code();
        }
    }

    void compare(const std::vector<Case>& cases) const {
        for (const Case& forged : cases) {
            const std::string ours = verdict(forged.bytes);
            EXPECT_EQ(ours, forged.verdict) << forged.what;
            const std::string dpkg = objection(forged.bytes);
            EXPECT_FALSE(ours == "taken" && !dpkg.empty()) << forged.what << ": " << dpkg;
        }
    }

    Workshop workshop_;
};

}  // namespace

TEST_F(Dpkg, TakesEachVersionOfTheFormatThatWeTake) {
    compare(cases_of_versions());
}

TEST_F(Dpkg, UnpacksWhatWeTake) {
    compare(cases_of_data());
}

TEST_F(Dpkg, ReadsTheControlFilesThatWeTake) {
    compare(cases_of_control());
}

/// The second stream would be shown by us and not be unpacked by dpkg.
TEST_F(Dpkg, ReadsNoSecondStreamAndNorDoWe) {
    core::write_file(workshop_.path("data.tar"), tar_of(sound_members()));
    for (const auto& [suffix, command] :
         {std::pair{".xz", "xz -c"}, {".zst", "zstd -qc"}, {".bz2", "bzip2 -c"}}) {
        workshop_.run(std::string("head -c 700 data.tar | ") + command +
                      " >two && tail -c +701 data.tar | " + command + " >>two");
        const std::string bytes = Workshop::ar(
            {{"debian-binary", "2.0\n"},
             {"control.tar", tar_of(control_members())},
             {std::string("data.tar") + suffix, core::read_file(workshop_.path("two"))}});
        EXPECT_EQ(verdict(bytes), "package-corrupt") << suffix;
        EXPECT_NE(objection(bytes), "") << suffix;
    }
}

TEST_F(Dpkg, TooManyRelationsAreRefusedWithTheSetting) {
    std::string fields;
    for (const char* field : {"Depends", "Suggests", "Provides"}) {
        fields += std::string(field) + ": a";
        for (int i = 0; i < 40'000; ++i) fields += ", b";
        fields += "\n";
    }
    EXPECT_EQ(verdict(deb_of(control_members(fields), sound_members())), "package-limit");
}

TEST_F(Dpkg, LimitsAreNamedWithTheirSetting) {
    const auto refusal = [&](const std::string& bytes, const core::PackageLimits& limits) {
        try {
            core::write_file(workshop_.path("a.deb"), bytes);
            apt::read_deb(archive::Source::once(core::File::open_to_read(workshop_.path("a.deb"))),
                          limits);
        } catch (const core::Refused& refused) {
            return std::string(refused.code()) + ": " + refused.what() + " " + refused.remedy();
        }
        return std::string("taken");
    };
    const auto names = [](const std::string& text, const std::string& setting) {
        return text.starts_with("package-limit: ") && text.find(setting) != text.npos &&
               text.find("[line.limits] of sluice.toml") != text.npos;
    };
    const std::string sound = deb_of(control_members(), sound_members());
    core::PackageLimits limits;
    limits.files = 3;
    EXPECT_TRUE(names(refusal(sound, limits), "files")) << refusal(sound, limits);
    const auto packed = [&](const std::string& command) {
        workshop_.run("head -c 30M /dev/zero >zeros && tar -c zeros | " + command + " >packed");
        return Workshop::ar({{"debian-binary", "2.0\n"},
                             {"control.tar", tar_of(control_members())},
                             {std::string("data.tar") + (command.starts_with("xz")    ? ".xz"
                                                         : command.starts_with("zst") ? ".zst"
                                                                                      : ".bz2"),
                              core::read_file(workshop_.path("packed"))}});
    };
    limits = {};
    limits.unpacked_mb = 20;
    EXPECT_TRUE(names(refusal(packed("xz"), limits), "unpacked_mb"))
        << refusal(packed("xz"), limits);
    limits = {};
    limits.unpacked_mb = 100;  // an eighth of it
    limits.unpacked_ratio = 1;
    EXPECT_TRUE(names(refusal(packed("bzip2"), limits), "unpacked_mb"))
        << refusal(packed("bzip2"), limits);
    limits = {};
    limits.dictionary_mb = 4;
    for (const char* command : {"xz --lzma2=dict=16MiB", "zstd -q --long=24"}) {
        EXPECT_TRUE(names(refusal(packed(command), limits), "dictionary_mb"))
            << refusal(packed(command), limits);
    }
    limits = {};
    for (const char* command : {"xz -9e --lzma2=dict=64MiB", "zstd -q --ultra -20 --long=27"}) {
        EXPECT_EQ(refusal(packed(command), limits), "taken") << command;
    }
}
