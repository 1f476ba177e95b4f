// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/static_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/system/files.hpp"
#include "tests/scratch.hpp"

namespace command_line {
namespace {

namespace fs = std::filesystem;
const char* const date = "Tue, 02 Jan 2024 03:04:05 GMT";

class StaticFilesTest : public testing::Test {
  protected:
    StaticFilesTest() {
        fs::create_directories(root_ / "generations/000001");
        fs::create_directories(root_ / "a b");
        write("twenty.rpm", "0123456789abcdefghij");
        write("empty.gz", "");
        write("a b/\xc3\xbc+&.txt", "hello");
        write("Release", "x");
        write("generations/000001/primary.xml", "<x/>");
        fs::create_symlink("/etc/passwd", root_ / "out");
        fs::create_symlink("twenty.rpm", root_ / "in");
        fs::create_symlink("generations/000001", root_ / "current");
        ::mkfifo((root_ / "pipe").c_str(), 0644);
    }

    void write(const std::string& name, const std::string& text) {
        core::write_file(root_ / name, text);
        const timespec times[2] = {{1704164645, 0}, {1704164645, 0}};
        ::utimensat(AT_FDCWD, (root_ / name).c_str(), times, 0);
    }

    server::Answer get(const std::string& target, server::Headers headers = {},
                       const std::string& method = "GET") const {
        return StaticFiles(root_).answer({method, target, std::move(headers), {}});
    }

    static std::string header(const server::Answer& answer, const std::string& name) {
        for (const auto& [key, value] : answer.headers) {
            if (key == name) return value;
        }
        return "";
    }

    /// As it is sent.
    static std::string body(const server::Answer& answer) {
        if (const auto* text = std::get_if<std::string>(&answer.body)) return *text;
        const auto& file = std::get<server::FileParts>(answer.body);
        std::string all;
        for (const auto& part : file.parts) {
            std::string bytes(part.size, '\0');
            EXPECT_EQ(::pread(file.file.descriptor(), bytes.data(), bytes.size(),
                              static_cast<off_t>(part.offset)),
                      static_cast<ssize_t>(part.size));
            all += part.before + bytes;
        }
        return all + file.after;
    }

    const tests::Scratch scratch_;
    const fs::path root_ = scratch_.path() / "public";
};

TEST_F(StaticFilesTest, AFileIsServedWithItsTypeAndDate) {
    const server::Answer answer = get("/twenty.rpm");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(body(answer), "0123456789abcdefghij");
    EXPECT_EQ(header(answer, "Content-Type"), "application/x-rpm");
    EXPECT_EQ(header(answer, "Last-Modified"), date);
    EXPECT_EQ(header(answer, "Accept-Ranges"), "bytes");
    EXPECT_EQ(header(answer, "Cache-Control"), "public, max-age=86400, immutable");
    EXPECT_EQ(header(get("/generations/000001/primary.xml"), "Cache-Control"),
              "public, max-age=86400, immutable");
    EXPECT_EQ(header(get("/current/primary.xml"), "Cache-Control"), "no-cache");
    EXPECT_EQ(header(get("/Release"), "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(body(get("/empty.gz", {{"Range", "bytes=0-5"}})), "");
}

TEST_F(StaticFilesTest, APathIsDecodedAndStaysBelowTheRoot) {
    EXPECT_EQ(body(get("/a%20b/%c3%bc+%26.txt")), "hello");
    EXPECT_EQ(body(get("//in?x=1")), "0123456789abcdefghij");
    for (const char* target :
         {"/out", "/pipe", "/../public/in", "/%2e%2e/public/in", "/./in", "/in%00x", "/nothing",
          "/generations/../in", "/a%20b/..%2fin", "http://x/in"}) {
        EXPECT_EQ(get(target).status, 404) << target;
    }
}

TEST_F(StaticFilesTest, ADirectoryIsAList) {
    EXPECT_EQ(get("/a%20b").status, 302);
    EXPECT_EQ(header(get("/a%20b"), "Location"), "/a%20b/");
    const server::Answer answer = get("/a%20b/");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(header(answer, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(body(answer).find("<li><a href=\"./%C3%BC+%26.txt\">\xc3\xbc+&amp;.txt</a></li>"),
              std::string::npos);
    EXPECT_NE(body(get("/")).find("href=\"./a%20b/\""), std::string::npos);
}

TEST_F(StaticFilesTest, OnlyReadingIsAllowed) {
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "FOO"}) {
        EXPECT_EQ(get("/in", {}, method).status, 405) << method;
    }
    EXPECT_EQ(body(get("/in", {}, "HEAD")).size(), 20u) << "the server leaves it out";
}

TEST_F(StaticFilesTest, WhatTheClientHasIsNotSent) {
    const server::Answer same = get("/twenty.rpm", {{"If-Modified-Since", date}});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(body(same), "");
    EXPECT_EQ(header(same, "Last-Modified"), date);
    EXPECT_EQ(get("/twenty.rpm", {{"If-Modified-Since", "Tue, 02 Jan 2025 03:04:05 GMT"}}).status,
              200);
}

TEST_F(StaticFilesTest, ARangeIsAPart) {
    const server::Answer part = get("/twenty.rpm", {{"range", "bytes=5-9"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(body(part), "56789");
    EXPECT_EQ(header(part, "Content-Range"), "bytes 5-9/20");
    const server::Answer after = get("/twenty.rpm", {{"Range", "bytes=20-"}});
    EXPECT_EQ(after.status, 416);
    EXPECT_EQ(header(after, "Content-Range"), "bytes */20");
}

TEST_F(StaticFilesTest, ARangeOfWhatHasChangedIsTheWhole) {
    const auto status = [&](const char* value) {
        return get("/twenty.rpm", {{"Range", "bytes=5-9"}, {"If-Range", value}}).status;
    };
    EXPECT_EQ(status(date), 206);
    EXPECT_EQ(status("Tue, 02 Jan 2025 03:04:05 GMT"), 200);
    EXPECT_EQ(status("Tue, 02 Jan 2023 03:04:05 GMT"), 200);
    EXPECT_EQ(status("\"tag\""), 200);
}

TEST_F(StaticFilesTest, SeveralRangesAreOneBody) {
    const server::Answer answer = get("/twenty.rpm", {{"Range", "bytes=0-1,5-6"}});
    EXPECT_EQ(answer.status, 206);
    const std::string type = header(answer, "Content-Type");
    const std::string start = "multipart/byteranges; boundary=";
    ASSERT_TRUE(type.starts_with(start)) << type;
    const std::string line = "\r\n--" + type.substr(start.size());
    const std::string kind = "\r\nContent-Type: application/x-rpm\r\nContent-Range: bytes ";
    EXPECT_EQ(body(answer), line + kind + "0-1/20\r\n\r\n01" + line + kind + "5-6/20\r\n\r\n56" +
                                line + "--\r\n");
    EXPECT_EQ(std::get<server::FileParts>(answer.body).size(), body(answer).size());
}

}  // namespace
}  // namespace command_line
