// SPDX-License-Identifier: GPL-3.0-or-later
// What an index of paths costs, by its size: from nothing, again, with 20 packages more, and with
// 20 newer versions of packages it has. Packages have 30 files in five places. Built on demand
// (target path_index_benchmark, in a release build); prints milliseconds.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/core.h>
#include <random>
#include <sys/resource.h>
#include <unistd.h>

#include "backends/shards/fragment_store.hpp"
#include "backends/shards/path_index.hpp"

namespace {
namespace fs = std::filesystem;

constexpr std::size_t packages_changed = 20;
constexpr const char* words[] = {"access", "border", "common", "dialog", "engine",
                                 "filter", "global", "header", "import", "kernel"};

core::Row row_of(std::size_t number, int version) {
    // Neighbours in number are none in name.
    const std::string name = core::sha256(std::to_string(number)).hex().substr(0, 8) + "-tools";
    const std::string path = fmt::format("pool/main/{}_{}_amd64.deb", name, version);
    return {path, name, {}, {}, core::sha256(path)};
}

core::Rows sorted(core::Rows rows) {
    std::sort(rows.begin(), rows.end(),
              [](const core::Row& a, const core::Row& b) { return a.path < b.path; });
    return rows;
}

/// The same for every version, but for one file.
std::string paths_of(const core::Row& row) {
    std::string paths = fmt::format("usr/bin/{0}\nusr/share/doc/{0}/copyright\n", row.name);
    std::minstd_rand random(row.name[0] + 256u * row.name[1]);
    for (int i = 0; i < 27; ++i) {
        static constexpr const char* places[] = {"share", "lib", "include"};
        paths +=
            fmt::format("usr/{}/{}/{}-{}.dat\n", places[i % 3], row.name, words[random() % 10], i);
    }
    return paths + fmt::format("usr/share/{}/{}\n", row.name, row.digest.bytes[0]);
}

double processor_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return 1e3 * static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-3 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::uint64_t measure(std::string_view what, const core::Cache& cache, const core::Rows& rows,
                      const shards::Difference& difference) {
    const fs::path out = cache.directory() / "out.gz";
    const shards::FragmentStore store(cache);  // where AptInspector keeps them
    const auto contribute = [&](const core::Row& row) {
        auto fragments = store.get(row.digest, 2).value();
        return shards::Contribution{"utils/" + row.name, std::move(fragments[1])};
    };
    const double processor = processor_time();
    const auto begin = std::chrono::steady_clock::now();
    const shards::Written written =
        shards::write_path_index(cache, "benchmark", rows, difference, contribute, out);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "{:>8} rows  {:<14} {:>8.1f} ms  processors {:>8.1f} ms  {:>9} B of {:>10} B  {} MB\n",
        rows.size(), what, wall.count(), processor_time() - processor, written.gzip_size,
        written.plain_size, usage.ru_maxrss / 1024);
    return written.plain_size;
}

/// What remains linear: the digest of the open text.
void measure_digest(std::uint64_t size) {
    const std::string text(size, 'x');
    const double processor = processor_time();
    core::sha256(text);
    fmt::print("{:>8}       SHA-256 alone  {:>32.1f} ms\n", "", processor_time() - processor);
}

}  // namespace

int main() {
    char name[] = "/tmp/path-index-benchmark-XXXXXX";
    const fs::path directory = ::mkdtemp(name);
    const core::Cache cache(directory);
    const shards::FragmentStore store(cache);
    for (const std::size_t size : {1'000u, 10'000u, 50'000u}) {
        core::Rows rows, more, newer;
        for (std::size_t i = 0; i < size; ++i) rows.push_back(row_of(i, 1));
        more = newer = rows;
        for (std::size_t i = 0; i < packages_changed; ++i) {
            more.push_back(row_of(size + i, 1));
            newer[i * size / packages_changed] = row_of(i * size / packages_changed, 2);
        }
        for (const core::Rows* all : {&more, &newer}) {
            for (const core::Row& row : *all) {
                if (!store.get(row.digest, 2)) {
                    store.put(row.digest, {std::string(1200, 'x'), paths_of(row)});
                }
            }
        }
        rows = sorted(rows);
        more = sorted(more);
        newer = sorted(newer);
        const core::Rows none;
        const auto difference = [](const core::Rows& a, const core::Rows& b) {
            core::Rows only;
            std::ranges::set_difference(a, b, std::back_inserter(only), {}, &core::Row::path,
                                        &core::Row::path);
            return only;
        };
        measure("from nothing", cache, rows, {none, none});
        measure("again", cache, rows, {none, none});
        const core::Rows other = difference(more, rows);
        measure("20 more", cache, more, {other, none});
        const core::Rows added = difference(newer, rows), removed = difference(rows, newer);
        measure_digest(measure("20 newer", cache, newer, {added, removed}));
    }
    fs::remove_all(directory);
}
