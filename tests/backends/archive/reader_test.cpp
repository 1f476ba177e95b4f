// SPDX-License-Identifier: GPL-3.0-or-later
// Archives by the real tools, whole and cut and damaged at every byte.
#include "backends/archive/reader.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <stdlib.h>
#include <string>
#include <vector>

#include "core/model/reason.hpp"
#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace {

namespace fs = std::filesystem;
using archive::Broken;
using archive::Fault;
using archive::Reader;
using archive::Source;
using archive::Type;

/// A directory with a few files, and shell commands in it.
class ArchiveReader : public testing::Test {
  protected:
    ArchiveReader() {
        run("mkdir -p in/deep && printf hello > in/hello && : > in/empty");
        std::mt19937 random(7);
        for (std::size_t i = 0; i < 900; ++i) noise_ += static_cast<char>(random());
        std::ofstream(directory_ / "in/deep/noise") << noise_;
    }

    void run(const std::string& command) const {
        const std::string whole = "cd '" + directory_.path().string() + "' && { " + command + "; }";
        if (std::system(whole.c_str()) != 0) throw core::Error("failed: " + command);
    }

    /// The bytes that `command` writes to `out`.
    std::string made_by(const std::string& command) const {
        run("rm -f out && " + command);
        return core::read_file(directory_ / "out");
    }

    tests::Scratch directory_;
    std::string noise_;
};

std::map<std::string, std::string> files_in(Source source, archive::Options options = {}) {
    std::map<std::string, std::string> files;
    Reader reader(std::move(source), options);
    while (const archive::Member* member = reader.next()) {
        const std::string name = member->name;
        if (member->type == Type::regular) files[name] = reader.read_all(1 << 20);
    }
    return files;
}

/// What reading to the end gives: "sound", or the reason code.
std::string verdict(std::string_view bytes) {
    try {
        files_in(Source::memory(bytes));
        return "sound";
    } catch (const Broken& broken) {
        return broken.code();
    }
}

const std::vector<std::string> containers = {
    "tar -cf out in",
    "tar -czf out in",
    "tar -cJf out in",
    "tar -c --zstd -f out in",
    "tar -cjf out in",
    "tar --format=pax -czf out in",
    "zip -qr out.zip in && mv out.zip out",
    "zip -q0r out.zip in && mv out.zip out",
    "(cat in/hello | zip -q out.zip - && cd in && zip -qr ../out.zip . ) && zip -qd out.zip - && "
    "mv out.zip out"};

TEST_F(ArchiveReader, GivesEveryByteOfEveryContainer) {
    for (const std::string& command : containers) {
        SCOPED_TRACE(command);
        auto files = files_in(Source::memory(made_by(command)));
        ASSERT_EQ(files.size(), 3u);
        EXPECT_EQ(files.begin()->second, noise_);
        EXPECT_EQ(std::next(files.begin())->second, "");
        EXPECT_EQ(std::next(files.begin(), 2)->second, "hello");
    }
}

TEST_F(ArchiveReader, ArchiveCutAnywhereIsNeverSound) {
    for (const std::string& command : containers) {
        SCOPED_TRACE(command);
        const std::string whole = made_by(command);
        const std::size_t step = whole.size() > 5000 ? 101 : 7;
        for (std::size_t size = 0; size < whole.size();
             size += size + 100 < whole.size() ? step : 1) {
            // An uncompressed tar may lack some of the zeros it is filled up with.
            const std::size_t last = whole.find_last_not_of('\0');
            if (whole.starts_with("in/") && size >= last + 1024) break;
            ASSERT_NE(verdict(std::string_view(whole).substr(0, size)), "sound") << size;
        }
    }
}

TEST_F(ArchiveReader, FlippedBitsNeverChangeContentUnnoticed) {
    for (const std::string command :
         {"tar -czf out in", "tar -cJf out in", "tar -c --zstd -f out in", "tar -cjf out in",
          "zip -qr out.zip in && mv out.zip out"}) {
        SCOPED_TRACE(command);
        std::string bytes = made_by(command);
        const auto files = files_in(Source::memory(bytes));
        for (std::size_t at = 0; at < bytes.size(); at += 3) {
            const char flip = static_cast<char>(1 << at % 8);
            bytes[at] = static_cast<char>(bytes[at] ^ flip);
            try {
                // Time stamps and unused bits have no checksum; nor has a zip member's type, so
                // that a file may become a link, which is no file.
                for (const auto& [name, content] : files_in(Source::memory(bytes))) {
                    ASSERT_TRUE(files.contains(name) && files.at(name) == content) << at;
                }
            } catch (const Broken&) {
            }
            bytes[at] = static_cast<char>(bytes[at] ^ flip);
        }
    }
}

TEST_F(ArchiveReader, ReadsPartOfAFile) {
    const std::string tar = made_by("tar -czf out in");
    for (const std::size_t more : {0, 1 << 20}) {  // small files are read at once
        std::ofstream(directory_ / "deb")
            << "before" << tar << "after, which is not part of it" << std::string(more, 'x');
        const Source whole = Source::file(directory_ / "deb");
        EXPECT_EQ(whole.size(), 6 + tar.size() + 30 + more);
        EXPECT_EQ(files_in(whole.part(6, tar.size())).size(), 3u);
        EXPECT_EQ(files_in(whole.part(1, tar.size() + 9).part(5, tar.size())).size(), 3u);
        EXPECT_THROW(files_in(whole.part(6, tar.size() + 1)), Broken);
        EXPECT_THROW(files_in(whole.part(6, tar.size() - 1)), Broken);
        EXPECT_THROW(files_in(whole.part(2 << 20, 1)), Broken);
    }
}

TEST_F(ArchiveReader, TellsFaultsApart) {
    const auto fault = [](std::string_view bytes, archive::Options options = {}) {
        try {
            files_in(Source::memory(bytes), options);
        } catch (const Broken& broken) {
            return broken.fault();
        }
        throw core::Error("it was sound");
    };
    const std::string gzip = made_by("tar -czf out in");
    const std::string xz = made_by("tar -cJf out in");
    const std::string zip = made_by("zip -qr out.zip in && mv out.zip out");
    const std::string tar = made_by("tar -cf out in");
    EXPECT_EQ(fault(""), Fault::empty);
    EXPECT_EQ(fault(made_by(": | gzip > out")), Fault::empty);
    EXPECT_EQ(fault(std::string_view(gzip).substr(0, 300)), Fault::truncated);
    EXPECT_EQ(fault(std::string_view(xz).substr(0, 300)), Fault::truncated);
    EXPECT_EQ(fault(std::string_view(zip).substr(0, 300)), Fault::truncated);
    EXPECT_EQ(fault(std::string_view(tar).substr(0, 1024)), Fault::truncated);
    EXPECT_EQ(fault(gzip + "x"), Fault::trailing);
    EXPECT_EQ(fault(made_by("tar -c in | gzip | gzip > out")), Fault::nested);
    EXPECT_EQ(fault(made_by("tar -c in | xz | zstd > out")), Fault::nested);
    EXPECT_EQ(fault("hello, world"), Fault::unknown);
    EXPECT_EQ(fault(made_by("zip -q -P secret out.zip in/hello && mv out.zip out")),
              Fault::encrypted);
    archive::Options tar_only;
    tar_only.zip = false;
    EXPECT_EQ(fault(zip, tar_only), Fault::unknown);
    archive::Options small;
    small.limits.member_bytes = 899;
    EXPECT_EQ(fault(tar, small), Fault::too_large);
    EXPECT_EQ(fault(zip, small), Fault::too_large);
    small.limits = {};
    small.limits.members = 2;
    EXPECT_EQ(fault(gzip, small), Fault::too_many);
    EXPECT_EQ(fault(zip, small), Fault::too_many);
    small.limits = {};
    small.limits.name_bytes = 6;
    EXPECT_EQ(fault(tar, small), Fault::name_too_long);
    EXPECT_EQ(fault(zip, small), Fault::name_too_long);
}

TEST_F(ArchiveReader, NamesTypesOfWhatIsNoFile) {
    const std::string tar = made_by(
        "cd in && ln -s hello link && ln hello again && mkfifo pipe && tar -cf ../out "
        "hello link again pipe deep");
    std::map<std::string, std::pair<Type, std::string>> types;
    Reader reader(Source::memory(tar));
    while (const archive::Member* member = reader.next()) {
        types[member->name] = {member->type, member->link};
    }
    EXPECT_EQ(types["hello"].first, Type::regular);
    EXPECT_EQ(types["link"], std::pair(Type::symbolic_link, std::string("hello")));
    EXPECT_EQ(types["again"], std::pair(Type::hard_link, std::string("hello")));
    EXPECT_EQ(types["pipe"].first, Type::fifo);
    EXPECT_EQ(types["deep/"].first, Type::directory);
}

TEST_F(ArchiveReader, MembersThatAreNotReadAreStillCheckedToTheEnd) {
    const auto walk = [](std::string_view bytes) {
        Reader reader(Source::memory(bytes));
        int members = 0;
        while (reader.next() != nullptr) ++members;
        return members;
    };
    std::string gzip = made_by("tar -czf out in");
    EXPECT_EQ(walk(gzip), 5);
    gzip[gzip.size() - 6] = static_cast<char>(gzip[gzip.size() - 6] ^ 1);  // in the checksum
    EXPECT_THROW(walk(gzip), Broken);
}

TEST_F(ArchiveReader, SeveralGzipMembersAreOneStream) {
    const std::string gzip = made_by(
        "tar -cf plain in && head -c 700 plain | gzip > out && tail -c +701 plain | gzip >> out");
    EXPECT_EQ(files_in(Source::memory(gzip)).size(), 3u);
}

TEST_F(ArchiveReader, LzmaOnlyOnRequest) {
    const std::string lzma = made_by("tar -c in | xz --format=lzma > out");
    EXPECT_THROW(files_in(Source::memory(lzma)), Broken);
    archive::Options options;
    options.lzma = true;
    EXPECT_EQ(files_in(Source::memory(lzma), options).size(), 3u);
}

TEST_F(ArchiveReader, DecodersGetNoMoreMemoryThanIsAllowed) {
    const auto allowed = [](const std::string& bytes, std::uint64_t dictionary) {
        archive::Options options;
        options.lzma = true;
        options.limits.dictionary = dictionary;
        options.limits.ratio_after = 1u << 30;
        try {
            Reader reader(Source::memory(bytes), options);
            while (reader.next() != nullptr) continue;
            return true;
        } catch (const Broken& broken) {
            EXPECT_EQ(broken.fault(), Fault::dictionary) << broken.what();
            return false;
        }
    };
    for (const char* command : {"xz --lzma2=dict=64MiB", "xz --format=lzma --lzma1=dict=64MiB",
                                "zstd -q --ultra -20 --long=26"}) {
        // zstd asks for less where there is less.
        const std::string bytes =
            made_by("truncate -s 70M in/holes && tar -c in | " + std::string(command) + " > out");
        EXPECT_FALSE(allowed(bytes, 32u << 20)) << command;
        EXPECT_TRUE(allowed(bytes, 64u << 20)) << command;
    }
}

TEST_F(ArchiveReader, SeveralStreamsAreOneOnlyWhereTheyMayBe) {
    for (const char* command : {"xz -c", "zstd -qc", "bzip2 -c"}) {
        const std::string pack = command;
        const std::string bytes = made_by("tar -cf plain in && head -c 700 plain | " + pack +
                                          " > out && tail -c +701 plain | " + pack + " >> out");
        EXPECT_EQ(files_in(Source::memory(bytes)).size(), 3u) << command;
        archive::Options options;
        options.single = true;
        EXPECT_THROW(files_in(Source::memory(bytes), options), Broken) << command;
    }
}

TEST_F(ArchiveReader, GlobalHeadersNameNoMembers) {
    EXPECT_EQ(verdict(made_by("tar --format=pax --pax-option=comment=x -cf out in")), "sound");
    EXPECT_EQ(verdict(made_by("tar --format=pax --pax-option=path=elsewhere -cf out in")),
              "bundle-corrupt");
}

TEST_F(ArchiveReader, ContentIsHandedOutOnce) {
    Reader reader(Source::memory(made_by("cd in && tar -cf ../out hello")));
    ASSERT_NE(reader.next(), nullptr);
    EXPECT_THROW(reader.read_all(4), Broken);
    EXPECT_THROW(reader.read_all(5), core::Error);
}

std::string inflated(const Source& source, std::uint64_t limit) {
    archive::Limits limits;
    limits.bytes = limit;
    std::string bytes;
    archive::inflate(source, limits, [&](std::string_view block) { bytes += block; });
    return bytes;
}

TEST_F(ArchiveReader, InflatesSingleFilesWithinALimit) {
    const std::string xz = made_by("xz -c in/deep/noise > out");
    EXPECT_EQ(inflated(Source::memory(xz), 900), noise_);
    EXPECT_THROW(inflated(Source::memory(xz), 899), Broken);
    EXPECT_EQ(inflated(Source::memory("plain"), 900), "plain");
    EXPECT_EQ(archive::inflated_head(Source::memory(xz), 10), noise_.substr(0, 10));
}

}  // namespace
