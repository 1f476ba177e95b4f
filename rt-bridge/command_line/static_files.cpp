// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/static_files.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "rt-bridge/server/ranges.hpp"

namespace command_line {
namespace fs = std::filesystem;
namespace {

constexpr int partial = 206;
constexpr int not_modified = 304;
constexpr int not_found = 404;

/// Between ranges; no file of ours has it.
const std::string boundary = "sluice-range-7d0c4a1f52b84e6f";

/// The path below the root, or nothing if a part of it could lead elsewhere.
std::optional<std::string> safe_path(const std::string& path) {
    if (path.find('\0') != std::string::npos) return std::nullopt;
    std::string result;
    for (const std::string& part : core::split(path, "/")) {
        if (part == "." || part == "..") return std::nullopt;
        result += "/" + part;
    }
    return result;
}

std::string url_of(std::string_view path) {
    return core::percent_encoded(path, "/@+");
}

std::string type_of(const std::string& path) {
    if (path.ends_with(".rpm")) return "application/x-rpm";
    if (path.ends_with(".deb")) return "application/vnd.debian.binary-package";
    if (path.ends_with(".gz")) return "application/gzip";
    if (path.ends_with(".xml")) return "application/xml";
    if (path.ends_with(".json")) return "application/json";
    const std::string name = fs::path(path).filename().string();
    const bool text = name.find('.') == std::string::npos || name.ends_with(".asc") ||
                      name.ends_with(".repo") || name.ends_with(".sources");
    return text ? "text/plain; charset=utf-8" : "application/octet-stream";
}

/// RFC 9110 §5.6.7.
std::string http_date(std::time_t time) {
    std::string date = core::format_rfc2822(core::Time(std::chrono::seconds(time)));
    return date.replace(date.size() - 3, 3, "GMT");
}

/// What is named by its content never changes; what decides what is current must be asked for.
std::string caching_of(const std::string& path) {
    const bool immutable = path.starts_with("/generations/") ||
                           path.find("/by-hash/") != std::string::npos || path.ends_with(".rpm") ||
                           path.ends_with(".deb");
    return immutable ? "public, max-age=86400, immutable" : "no-cache";
}

std::string list_of(const std::string& path, const fs::path& directory) {
    std::vector<std::string> names;
    for (const core::Entry& entry : core::entries(directory)) {
        names.push_back(entry.name() +
                        (core::kind_of(entry.path) == core::Kind::directory ? "/" : ""));
    }
    std::sort(names.begin(), names.end());
    std::string html = "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>" +
                       core::xml_escaped(path) + "</title>\n<h1>" + core::xml_escaped(path) +
                       "</h1>\n<ul>\n";
    for (const std::string& name : names) {
        html += "<li><a href=\"./" + url_of(name) + "\">" + core::xml_escaped(name) + "</a></li>\n";
    }
    return html + "</ul>\n";
}

std::string content_range(const server::Range& range, std::uint64_t size) {
    return "bytes " + std::to_string(range.first) + "-" +
           std::to_string(range.first + range.size - 1) + "/" + std::to_string(size);
}

/// RFC 9110 §14.6.
server::FileParts multipart(const std::vector<server::Range>& ranges, const std::string& type,
                            std::uint64_t size) {
    server::FileParts body;
    for (const server::Range& range : ranges) {
        body.parts.push_back({"\r\n--" + boundary + "\r\nContent-Type: " + type +
                                  "\r\nContent-Range: " + content_range(range, size) + "\r\n\r\n",
                              range.first, range.size});
    }
    body.after = "\r\n--" + boundary + "--\r\n";
    return body;
}

/// The parts that the request wants, without the file.
server::FileParts select_parts(std::string_view wanted, std::uint64_t size,
                               server::Answer& answer) {
    if (wanted.empty() || size == 0) return {{}, {{"", 0, size}}, ""};
    const auto ranges = server::ranges_of(wanted, size);
    if (!ranges) {
        answer.status = 416;
        answer.headers = {{"Content-Range", "bytes */" + std::to_string(size)}};
        return {};
    }
    answer.status = partial;
    auto& [name, type] = answer.headers.back();
    if (ranges->size() > 1) {
        server::FileParts body = multipart(*ranges, type, size);
        type = "multipart/byteranges; boundary=" + boundary;
        return body;
    }
    answer.headers.emplace_back("Content-Range", content_range(ranges->front(), size));
    return {{}, {{"", ranges->front().first, ranges->front().size}}, ""};
}

server::Answer file_answer(const server::Request& request, const std::string& path, core::File file,
                           const struct stat& status) {
    const std::string modified = http_date(status.st_mtime);
    server::Answer answer;
    answer.headers = {{"Accept-Ranges", "bytes"},
                      {"Cache-Control", caching_of(path)},
                      {"Last-Modified", modified}};
    if (request.header("If-Modified-Since") == modified) {
        answer.status = not_modified;
        return answer;
    }
    answer.headers.emplace_back("Content-Type", type_of(path));
    const std::string_view same = request.header("If-Range");
    const bool whole = !same.empty() && same != modified;
    server::FileParts body = select_parts(whole ? std::string_view() : request.header("Range"),
                                          static_cast<std::uint64_t>(status.st_size), answer);
    // The open file is kept, so that a swap of `current` in between changes nothing.
    body.file = std::move(file);
    if (!body.parts.empty()) answer.body = std::move(body);
    return answer;
}

}  // namespace

StaticFiles::StaticFiles(const fs::path& root) : root_(fs::canonical(root)) {}

server::Answer StaticFiles::answer(const server::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
        return {405, {{"Allow", "GET, HEAD"}}, {}};
    }
    try {
        return found(request);
    } catch (const core::Error&) {
        return {not_found, {}, {}};  // removed between the look and the opening
    }
}

server::Answer StaticFiles::found(const server::Request& request) const {
    const std::string asked = request.path();
    const auto path = safe_path(asked);
    if (!path) return {not_found, {}, {}};
    const fs::path file = root_.string() + *path;
    core::File opened = open_below(file);
    struct stat status {};
    if (opened.descriptor() < 0) {
        const bool none_left = errno == EMFILE || errno == ENFILE;
        return {none_left ? 503 : not_found, {}, {}};
    }
    if (::fstat(opened.descriptor(), &status) != 0) return {not_found, {}, {}};
    if (S_ISDIR(status.st_mode)) {
        if (!asked.ends_with('/')) return {302, {{"Location", url_of(*path + "/")}}, {}};
        return list(asked, file);
    }
    if (!S_ISREG(status.st_mode)) return {not_found, {}, {}};
    return file_answer(request, *path, std::move(opened), status);
}

/// Long ones take half of the time at most, whoever asks for them: clients get files meanwhile.
server::Answer StaticFiles::list(const std::string& path, const fs::path& directory) const {
    using Steady = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds short_time{10};
    const std::unique_lock lock(mutex_, short_time);
    const auto begun = Steady::now();
    if (!lock.owns_lock() || begun < next_list_) return {503, {{"Retry-After", "1"}}, {}};
    server::Answer answer{
        200, {{"Content-Type", "text/html; charset=utf-8"}}, list_of(path, directory)};
    const auto end = Steady::now();
    if (end - begun > short_time) next_list_ = end + (end - begun);
    return answer;
}

/// None if it is not there, or if a link leads out of the root: where the open file is counts, not
/// where its name seemed to lead (TOCTOU).
core::File StaticFiles::open_below(const fs::path& file) const {
    core::File opened(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (opened.descriptor() < 0) return {};
    const std::string place =
        core::pointed("/proc/self/fd/" + std::to_string(opened.descriptor())).string();
    const bool below = place == root_.native() || place.starts_with(root_.native() + "/");
    errno = below ? errno : ENOENT;
    return below ? std::move(opened) : core::File();
}

}  // namespace command_line
