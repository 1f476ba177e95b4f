// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of this folder share: servers for a directory, and the fetcher under short limits.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "rt-bridge/fetch/fetcher.hpp"
#include "rt-bridge/fetch/index_cell.hpp"
#include "tests/rt-bridge/helper_process.hpp"
#include "tests/scratch.hpp"

namespace tests {

class Fetching : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        made_ = std::make_unique<Scratch>();
        const std::string command = HELPERS "/make_repositories '" + made_->path().string() + "'";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }
    static void TearDownTestSuite() { made_.reset(); }

    Fetching() {
        std::filesystem::create_directory(into_);
        std::filesystem::copy(made_->path(), root_, std::filesystem::copy_options::recursive);
    }

    static const core::Cells& cells() {
        static const core::Cells cells({{"index", fetch::index_task()}});
        return cells;
    }

    fetch::Settings settings() const {
        fetch::Settings settings;
        settings.access.schemes.push_back("rsync");
        settings.access.hosts = {"127.0.0.1:" + web_.line()};
        settings.access.networks = {http::Network::parse("127.0.0.0/8")};
        settings.limits.total = std::chrono::seconds(10);
        settings.limits.slow_for = std::chrono::seconds(2);
        settings.limits.pause = std::chrono::milliseconds(5);
        settings.limits.attempts = 2;
        return settings;
    }

    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + web_.line() + path;
    }

    std::filesystem::path fetch(const fetch::Source& source, const fetch::Settings& settings,
                                const core::Verifier* verifier = nullptr) {
        std::optional<fetch::Trust> trust;
        if (verifier != nullptr) trust.emplace(fetch::Trust{*verifier, seen_});
        return fetch::Fetcher(settings, clock_, cells(), trust).fetch(source, into_);
    }

    /// The code of the refusal; "" if it was accepted.
    std::string code(const fetch::Source& source, const fetch::Settings& settings,
                     const core::Verifier* verifier = nullptr) {
        std::filesystem::remove_all(into_);
        std::filesystem::create_directory(into_);
        try {
            fetch(source, settings, verifier);
            return "";
        } catch (const core::Refused& refusal) {
            text_ = std::string(refusal.what()) + " " + refusal.remedy();
            return refusal.code();
        }
    }

    /// Paths of all files below the directory.
    std::set<std::string> fetched() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(into_)) {
            if (!entry.is_directory()) names.insert(entry.path().lexically_relative(into_));
        }
        return names;
    }

    static inline std::unique_ptr<Scratch> made_;
    Scratch scratch_;
    std::filesystem::path root_ = scratch_ / "served";
    std::filesystem::path into_ = scratch_ / "into";
    fetch::SeenSources seen_{scratch_ / "sources.json"};
    core::SystemClock clock_;
    std::string text_;
    HelperProcess web_{{"python3", HELPERS "/evil_server.py", (scratch_ / "served").string()}};
};

}  // namespace tests
