// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backends/yum/workshop.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <sys/wait.h>

#include "backends/yum/documents_cell.hpp"
#include "backends/yum/package_reader.hpp"
#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/work/package_reading.hpp"

namespace workshop {
namespace fs = std::filesystem;

fs::path package(const std::string& file_name) {
    return fs::path(YUM_PACKAGES) / file_name;
}

std::vector<fs::path> sound_packages() {
    std::vector<fs::path> result;
    for (const auto& entry : fs::directory_iterator(YUM_PACKAGES)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".rpm" && !name.starts_with("odd-") &&
            name != "signed.rpm") {
            result.push_back(entry.path());
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

fs::path Scratch::file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path() / name, std::ios::binary) << bytes;
    return path() / name;
}

Verdict judge(const std::string& bytes) {
    static const Scratch scratch;
    const auto file = scratch.file("specimen.rpm", bytes);
    try {
        read(file, core::sha256(bytes));
    } catch (const core::Refused& refused) {
        return {refused.code(), refused.what(), refused.remedy()};
    }
    return {};
}

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        outcome.output.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::string must_run(const std::string& command) {
    Outcome outcome = run(command);
    if (outcome.status != 0) throw std::runtime_error(command + "\n" + outcome.output);
    return std::move(outcome.output);
}

std::string quoted(const std::string& word) {
    std::string result = "'";
    for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

core::Inspection read(const fs::path& file) {
    return read(file, core::sha256_file(file));
}

core::Inspection read(const fs::path& file, const core::Digest& digest,
                      const core::InspectionRule& rule) {
    return yum::RpmReader().read(core::File::open_to_read(file), digest, rule);
}

const core::Cells& cells() {
    static const yum::RpmReader reader;
    static const core::Cells cells(
        {{"rpm", core::reading_task(reader)}, {"documents", yum::documents_task()}});
    return cells;
}

}  // namespace workshop
