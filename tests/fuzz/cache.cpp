// SPDX-License-Identifier: GPL-3.0-or-later
// A cache whose files somebody wrote: the table of a key, two bytes say of which size, then a file
// of values. Whatever they are, what is asked for is there or not, and what is put is there.
#include "core/store/cache.hpp"

#include "backends/shards/shards.hpp"
#include "core/model/packed_texts.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

namespace fs = std::filesystem;

void read_texts(std::string_view value) {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
        const auto parts = shards::parts_of(value, count);
        if (!parts) continue;
        fuzz::claim(parts->size() == count, "as many texts as asked for");
        const std::vector<std::string> texts(parts->begin(), parts->end());
        const std::string packed = core::pack_texts(texts);
        const auto again = shards::parts_of(packed, count);
        fuzz::claim(again && std::vector<std::string>(again->begin(), again->end()) == texts,
                    "packed again they are the same");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const core::Digest digest = core::sha256("sluice");
    static const core::Cache::Key key(digest, core::Cache::Key::Kind::package);
    static const fs::path root = fuzz::file_of({}, "root").parent_path() / "cache";
    std::string_view bytes = fuzz::text_of(data, size);
    read_texts(bytes);
    if (size < 2) return 0;
    const std::size_t cut = std::min(data[0] + std::size_t{256} * data[1], size - 2);
    bytes.remove_prefix(2);
    fs::remove_all(root);
    core::make_directories(root / "index");
    core::make_directories(root / "values");
    core::write_file(root / "index" / digest.hex().substr(0, 2), bytes.substr(0, cut));
    core::write_file(root / "values" / "1", bytes.substr(cut));
    const core::Cache cache(root);
    if (const auto value = cache.get(key)) read_texts(*value);
    cache.put(key, "value");
    fuzz::claim(cache.get(key) == "value", "what is put is there");
    fuzz::claim(core::Cache(root).get(key) == "value", "for others too");
    cache.sweep([](const core::Digest&) { return true; }, std::time(nullptr));
    fuzz::claim(cache.get(key) == "value", "what is named is not swept");
    return 0;
}
