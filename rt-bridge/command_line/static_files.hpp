// SPDX-License-Identifier: GPL-3.0-or-later
// A public tree over HTTP/1.1, for a first look and for tests: files with Range and Last-Modified,
// directories as plain lists. It reads below its root only and follows the tree's own links.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace command_line {

class StaticFiles {
  public:
    explicit StaticFiles(const std::filesystem::path& root);
    ~StaticFiles();

    /// Port 0: any free one. Returns the port; throws Error if the address cannot be had.
    int bind(const std::string& host, int port);

    /// Serves until stop() is called from another thread.
    void run();
    void stop();

  private:
    struct Server;
    std::unique_ptr<Server> server_;
};

}  // namespace command_line
