// SPDX-License-Identifier: GPL-3.0-or-later
// What an index costs, by its size: made from nothing, made again, and after 20 rows left. Built on
// demand (target shards_benchmark, in a release build); prints milliseconds.
#include <chrono>
#include <cstdlib>
#include <fmt/core.h>
#include <random>
#include <sys/resource.h>
#include <unistd.h>

#include "backends/shards/shards.hpp"

namespace {
namespace fs = std::filesystem;

/// About 1 KiB for each of three files, which deflate makes a third of.
shards::Fragments texts_of(const core::Row& row) {
    std::minstd_rand random(row.digest.bytes[0] + 256u * row.digest.bytes[1]);
    shards::Fragments texts(3, fmt::format("{} {}\n", row.path, row.digest.hex()));
    for (std::string& text : texts) {
        while (text.size() < 1024) text += fmt::format(" word-{}", random() % 2000);
    }
    return texts;
}

double processor_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return 1e3 * static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-3 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void measure(std::string_view what, const fs::path& directory, const core::Cache& cache,
             const core::Rows& rows) {
    const fs::path out = directory / "out";
    fs::create_directories(out);
    std::vector<shards::File> files;
    for (const char* name : {"a", "b", "c"}) {
        files.push_back({"<list>", "</list>", {}, out / (std::string(name) + ".gz")});
    }
    const double processor = processor_time();
    const auto begin = std::chrono::steady_clock::now();
    shards::write_index(cache, "benchmark", rows, files, texts_of);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
    fmt::print("{:>8} rows  {:<12} {:>8.1f} ms  processors {:>8.1f} ms\n", rows.size(), what,
               wall.count(), processor_time() - processor);
    fs::remove_all(out);
}

}  // namespace

int main() {
    char name[] = "/tmp/shards-benchmark-XXXXXX";
    const fs::path directory = ::mkdtemp(name);
    const core::Cache cache(directory / "cache");
    for (const std::size_t size : {1'000u, 10'000u, 50'000u, 100'000u}) {
        core::Rows rows;
        for (std::size_t i = 0; i < size; ++i) {
            const std::string path = fmt::format("Packages/{:06}.rpm", i);
            rows.emplace_back(path, "", "", "", core::sha256(path));
        }
        measure("from nothing", directory, cache, rows);
        measure("again", directory, cache, rows);
        for (std::size_t i = 20; i-- > 0;) {
            rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i * size / 20 + 7));
        }
        measure("20 less", directory, cache, rows);
    }
    fs::remove_all(directory);
}
