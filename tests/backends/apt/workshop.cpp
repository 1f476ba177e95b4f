// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backends/apt/workshop.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/apt/package_reader.hpp"
#include "core/system/files.hpp"
#include "core/work/package_reading.hpp"

namespace fs = std::filesystem;

Workshop::Workshop() {
    ::chmod(directory_.path().c_str(), 0755);  // apt's fetching user reads from here
    core::make_directories(path("pool"));
}

std::string Workshop::run(const std::string& command) const {
    const std::string all = "cd '" + directory_.path().string() + "' && { " + command + "\n} 2>&1";
    FILE* pipe = ::popen(all.c_str(), "r");
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.append(buffer.data(), got);
    }
    if (::pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
    return output;
}

fs::path Workshop::build(const std::string& name, const std::string& version,
                         const std::string& architecture, const std::string& more_fields,
                         const std::string& options) const {
    const fs::path root = path("root");
    fs::remove_all(root);
    core::make_directories(root / "DEBIAN");
    core::make_directories(root / "usr/share" / name);
    core::write_file(root / "usr/share" / name / "version", version + "\n");
    core::write_file(root / "DEBIAN/control",
                     "Package: " + name + "\nVersion: " + version + "\nArchitecture: " +
                         architecture + "\nMaintainer: Somebody <somebody@example.org>\n" +
                         more_fields + "Description: a package\n for tests.\n");
    const fs::path file =
        path(name + "_" + architecture + "_" +
             std::to_string(std::hash<std::string>()(version + more_fields)) + ".deb");
    run("dpkg-deb --root-owner-group " + options + " -b root " + file.string());
    return file;
}

std::string Workshop::tar(const std::map<std::string, std::string>& files,
                          const std::string& compress) const {
    fs::remove_all(path("tree"));
    core::make_directories(path("tree"));
    for (const auto& [name, content] : files) {
        core::make_directories(path("tree/" + name).parent_path());
        core::write_file(path("tree/" + name), content);
    }
    run("tar -C tree --format=gnu -c ./ | " + compress + " > tree.tar");
    return core::read_file(path("tree.tar"));
}

std::string Workshop::ar(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string bytes = "!<arch>\n";
    for (const auto& [name, content] : members) {
        char header[61];
        std::snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name.c_str(), 0, 0,
                      0, "100644", content.size());
        bytes += header + content;
        if (content.size() % 2 != 0) bytes += '\n';
    }
    return bytes;
}

core::Package Workshop::admit(const fs::path& file) const {
    const core::Digest digest = core::sha256_file(file);
    const core::Inspection inspection = read(file, digest);
    apt::AptInspector(cache(), cells()).accept(inspection);
    core::Package package = inspection.package;
    package.platform = "debian12";
    fs::copy_file(file, path("scratch"));
    pool().adopt(path("scratch"), digest, "deb");
    return package;
}

core::Inspection read(const fs::path& file, const core::Digest& digest,
                      const core::InspectionRule& rule) {
    return apt::DebReader().read(core::File::open_to_read(file), digest, rule);
}

const core::Cells& cells() {
    static const apt::DebReader reader;
    static const core::Cells cells({{"deb", core::reading_task(reader)}});
    return cells;
}

std::string minimal_control(const std::string& more_fields) {
    return "Package: argus\nVersion: 1.0-1\nArchitecture: amd64\n" + more_fields;
}

core::Rows rows_of(const std::vector<core::Package>& packages) {
    core::Rows rows;
    for (const core::Package& package : packages) {
        rows.push_back({package.path, package.name, package.full_version(), package.architecture,
                        package.digest, "release"});
    }
    std::sort(rows.begin(), rows.end(),
              [](const core::Row& a, const core::Row& b) { return a.path < b.path; });
    return rows;
}

core::Composition composition_of(const apt::AptBackend& backend,
                                 const std::vector<core::Package>& packages) {
    core::Composition composition;
    composition.repository = {"production", "umd5", "", "debian12", ""};
    composition.platform.name = "debian12";
    composition.platform.format = "apt";
    composition.platform.architectures = {"amd64", "arm64"};
    composition.platform.contents = true;
    composition.line = {"umd5", "UMD 5", core::SignaturePolicy::allow_unsigned};
    composition.stage.name = "production";
    composition.stage.enabled = true;
    composition.origin = "EGI";
    composition.generation = 7;
    composition.date = core::SystemClock().now();
    composition.valid_until = composition.date + std::chrono::hours(24 * 7);
    std::map<std::string, std::vector<core::Package>> by_index;
    for (const core::Section& section : backend.sections(composition.platform, nullptr)) {
        by_index[section.index];
    }
    for (const core::Package& package : packages) {
        for (const core::Section& section : backend.sections(composition.platform, &package)) {
            by_index[section.index].push_back(package);
        }
    }
    for (const auto& [index, members] : by_index) composition.indexes[index] = rows_of(members);
    return composition;
}
