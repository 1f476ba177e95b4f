// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/world.hpp"

#include <algorithm>

#include "core/model/error.hpp"
#include "core/model/text.hpp"
#include "core/store/generation_tree.hpp"
#include "core/store/state_files.hpp"
#include "core/system/files.hpp"

namespace core_test {
namespace fs = std::filesystem;

std::string plain_configuration(const std::string& more) {
    return more + R"(
[[line]]
name = "umd5"
signatures = "allow-unsigned"
[[line]]
name = "umd4"
signatures = "allow-unsigned"
[[platform]]
name = "el9"
format = "yum"
architectures = ["x86_64", "aarch64"]
aliases = ["SL9"]
dist_tags = [".el9"]
[[platform]]
name = "debian12"
format = "yum"
architectures = ["amd64"]
)";
}

World::World(const std::string& configuration) {
    formats["yum"] = {&backend, &inspector, "plain", true, "*"};
    core::create_depot(directory / "depot", configuration);
    reopen();
    scratch.emplace(depot->layout.work());
    operations().init(asked);
}

void World::reopen() {
    depot.reset();
    depot.emplace(core::open_depot(directory / "depot", clock));
}

core::Collaborators World::collaborators() {
    return {formats,
            *cells,
            signer,
            make_verifier,
            read_keys,
            clock,
            [this](const std::string& what, std::size_t, std::size_t) { progress(what); }};
}

core::Operations World::operations() {
    return {*depot, collaborators()};
}

core::Bundle World::bundle(const std::string& product, const std::string& version,
                           const std::vector<std::string>& packages) {
    core::Bundle bundle;
    bundle.descriptor.product = product;
    bundle.descriptor.version = version;
    bundle.scratch = scratch->directory();
    bundle.descriptor_text = product + " " + version;
    for (std::string text : packages) {
        std::string place = "el9/";
        if (const auto end = text.find("/ "); end != std::string::npos) {
            place = text.substr(0, end + 1);
            text.erase(0, end + 2);
        }
        core::ReceivedFile file;
        file.file = scratch->directory() / ("received-" + std::to_string(received_++));
        core::write_file(file.file, text);
        file.digest = core::sha256(text);
        file.size = text.size();
        file.name = place + core::join(core::split(text, " "), "-");
        file.format = "plain";
        bundle.packages.push_back(file);
    }
    return bundle;
}

core::Operations::Admitted World::admit(const std::string& product, const std::string& version,
                                        const std::vector<std::string>& packages,
                                        const std::string& line) {
    return operations().admit(bundle(product, version, packages),
                              {.line = line, .introduction = introduction}, asked);
}

std::string World::admitted(const std::string& product, const std::string& version,
                            const std::vector<std::string>& packages, const std::string& line) {
    return admit(product, version, packages, line).release.id;
}

core::Outcome World::promote(const std::string& release, const std::string& stage) {
    return operations().promote({.releases = {release}, .to = stage, .waived_keys = waived_keys},
                                asked);
}

core::Collected World::gc(bool dry_run) {
    const core::Lock lock = core::begin_writing(*depot, clock);
    return core::collect(*depot, formats, clock.now(), dry_run);
}

std::vector<core::Finding> World::verify() {
    const core::Lock lock = core::begin_writing(*depot, clock);
    return core::audit(*depot, collaborators(), [this](const fs::path&) { return formats; });
}

std::string World::findings() {
    std::string text;
    for (const core::Finding& finding : verify()) {
        text += finding.path + ": " + finding.message + "\n";
    }
    return text;
}

std::vector<std::string> World::seen(const std::string& stage, const std::string& place) const {
    const fs::path index = published(stage + "/" + place + "/index");
    std::vector<std::string> paths;
    const std::string list = core::split(core::read_file(index / "root"), "\n").front();
    for (const std::string& line : core::split(core::read_file(index / list), "\n")) {
        const auto words = core::split(line, " ");
        if (words.front() != "packages") continue;
        const fs::path file = index.parent_path() / words.at(1);
        if (core::sha256_file(file).hex() != words.at(2)) throw core::Error("wrong " + words[1]);
        paths.push_back(words.at(1).substr(std::string("files/").size()));
    }
    return paths;
}

std::map<std::string, std::string> World::everything() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(depot->layout.root)) {
        const std::string path = entry.path().lexically_relative(depot->layout.root).string();
        if (path == "lock" || path == "ledger.jsonl") continue;
        if (path.starts_with("work/") || path.starts_with("fragments/")) continue;
        if (entry.is_symlink()) {
            found[path] = "-> " + fs::read_symlink(entry.path()).string();
        } else if (!entry.is_directory()) {
            found[path] = core::read_file(entry.path());
        }
    }
    return found;
}

void World::write_state(const core::State& state) {
    const core::Layout& layout = depot->layout;
    for (const auto& [path, part] : core::parts_of(state)) {
        core::write_part(part,
                         layout.public_tree() / core::real_place(layout, state.generation, path));
    }
    core::write_first_part(state, layout.generation(state.generation));
}

}  // namespace core_test
