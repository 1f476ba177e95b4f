// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/command_line/static_files.hpp"

#include <algorithm>
#include <fcntl.h>
#include <httplib.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/model/clock.hpp"
#include "core/model/error.hpp"
#include "core/model/percent.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"

namespace command_line {
namespace fs = std::filesystem;
namespace {

constexpr int not_modified = 304;
constexpr int not_found = 404;

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

void send_file(const httplib::Request& request, httplib::Response& response,
               const std::string& path, core::File opened, const struct stat& status) {
    const std::string modified = http_date(status.st_mtime);
    response.set_header("Last-Modified", modified);
    response.set_header("Cache-Control", caching_of(path));
    if (request.get_header_value("If-Modified-Since") == modified) {
        response.status = not_modified;
        return;
    }
    // The open file is kept, so that a swap of `current` in between changes nothing.
    const auto file = std::make_shared<core::File>(std::move(opened));
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) {
        response.set_content("", type_of(path));
        return;
    }
    response.set_content_provider(
        size, type_of(path),
        [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
            std::string block(std::min<std::size_t>(length, 1 << 17), '\0');
            const ssize_t got =
                ::pread(file->descriptor(), block.data(), block.size(), static_cast<off_t>(offset));
            return got > 0 && sink.write(block.data(), static_cast<std::size_t>(got));
        });
}

}  // namespace

struct StaticFiles::Server {
    fs::path root;
    httplib::Server http;

    /// None if it is not there, or if a link leads out of the root: where the open file is counts,
    /// not where its name seemed to lead (TOCTOU).
    core::File open_below(const fs::path& file) const {
        core::File opened(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        if (opened.descriptor() < 0) return {};
        const std::string place =
            core::pointed("/proc/self/fd/" + std::to_string(opened.descriptor())).string();
        const bool below = place == root.native() || place.starts_with(root.native() + "/");
        return below ? std::move(opened) : core::File();
    }

    void answer(const httplib::Request& request, httplib::Response& response) const {
        response.status = not_found;
        const auto path = safe_path(request.path);
        if (!path) return;
        const fs::path file = root.string() + *path;
        core::File opened = open_below(file);
        struct stat status {};
        if (opened.descriptor() < 0 || ::fstat(opened.descriptor(), &status) != 0) return;
        if (S_ISDIR(status.st_mode)) {
            if (!request.path.ends_with('/')) {
                response.set_redirect(url_of(*path + "/"));
                return;
            }
            response.status = 200;
            response.set_content(list_of(request.path, file), "text/html; charset=utf-8");
            return;
        }
        if (!S_ISREG(status.st_mode)) return;
        response.status = -1;  // the library chooses between 200 and 206
        send_file(request, response, *path, std::move(opened), status);
    }
};

StaticFiles::StaticFiles(const fs::path& root) : server_(std::make_unique<Server>()) {
    server_->root = fs::canonical(root);
    // Clients keep connections open; each occupies a thread of the library's pool meanwhile.
    server_->http.new_task_queue = [] { return new httplib::ThreadPool(64); };
    server_->http.set_keep_alive_timeout(5);
    // httplib would share the port with another process that listens there (SO_REUSEPORT).
    server_->http.set_socket_options([](socket_t socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    // httplib reads the body of any other, however long.
    server_->http.set_pre_routing_handler([](const auto& request, auto& response) {
        if (request.method == "GET" || request.method == "HEAD") {
            return httplib::Server::HandlerResponse::Unhandled;
        }
        response.status = 405;
        return httplib::Server::HandlerResponse::Handled;
    });
    server_->http.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
        try {
            server_->answer(request, response);
        } catch (const std::exception&) {
            response.status = not_found;  // removed between the look and the opening
        }
    });
}

StaticFiles::~StaticFiles() = default;

int StaticFiles::bind(const std::string& host, int port) {
    const bool any = port == 0;
    const int bound = any ? server_->http.bind_to_any_port(host)
                          : (server_->http.bind_to_port(host, port) ? port : -1);
    if (bound < 0) {
        throw core::Error("cannot listen on " + host + ":" + std::to_string(port) +
                          "; is the address in use?");
    }
    return bound;
}

void StaticFiles::run() {
    server_->http.listen_after_bind();
}

void StaticFiles::stop() {
    server_->http.stop();
}

}  // namespace command_line
