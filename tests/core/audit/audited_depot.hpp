// SPDX-License-Identifier: GPL-3.0-or-later
// A sound depot with one release, and ways to damage it.
#pragma once

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/system/files.hpp"
#include "tests/core/world.hpp"

namespace core_test {

class AuditedDepot : public testing::Test, public World {
  protected:
    AuditedDepot() : World(plain_configuration("public_url = \"https://repo.example.org\"\n")) {}
    void SetUp() override {
        core::write_file(depot->layout.provider_keys() / "ada.asc", "ADA");
        id = admitted("a", "1", {"a 1 x86_64"});
        EXPECT_EQ(findings(), "");
        generation = depot->layout.generation(depot->state().generation);
    }

    /// Does something to a file and expects that it is found; then all is well again.
    void expect_found(const std::string& path, const std::filesystem::path& file,
                      const std::function<void(const std::filesystem::path&)>& damage) {
        SCOPED_TRACE(file.string());
        const std::filesystem::path kept = directory / "kept";
        const bool was_there = std::filesystem::exists(std::filesystem::symlink_status(file));
        if (was_there) std::filesystem::rename(file, kept);
        damage(file);
        EXPECT_THAT(findings(), testing::HasSubstr(path));
        core::remove_tree(file);
        if (was_there) std::filesystem::rename(kept, file);
        EXPECT_EQ(findings(), "");
    }
    void expect_damage(const std::string& path, const std::filesystem::path& file) {
        const std::string kept = core::read_file(file);
        core::remove_tree(file);
        EXPECT_THAT(findings(), testing::HasSubstr(path));
        core::write_file(file, kept);
    }
    static void missing(const std::filesystem::path&) {}
    static void other(const std::filesystem::path& file) { core::write_file(file, "other"); }
    static void elsewhere(const std::filesystem::path& file) {
        std::filesystem::create_symlink("/etc", file);
    }

    /// The only file that is named by its content.
    static std::string list_in(const std::filesystem::path& repository) {
        for (const auto& entry : std::filesystem::directory_iterator(repository / "index")) {
            if (entry.path().string().ends_with("-list"))
                return "index/" + entry.path().filename().string();
        }
        return {};
    }

    std::string id;
    std::filesystem::path generation;
};

}  // namespace core_test
