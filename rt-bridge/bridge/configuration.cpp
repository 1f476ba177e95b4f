// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/bridge/configuration.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sys/stat.h>

#include "core/model/error.hpp"
#include "core/model/layout.hpp"
#include "core/model/settings.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace bridge {
namespace fs = std::filesystem;
namespace {

/// The first line of a file that others must not read.
std::string secret_in(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        throw core::system_error("cannot read " + file.string());
    if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        throw core::Error(file.string() + " can be read by everyone; chmod o-rwx it");
    }
    const std::string text = core::read_file(file, 1 << 16);
    std::string line(core::trimmed(text.substr(0, text.find('\n'))));
    if (line.empty()) throw core::Error(file.string() + " is empty");
    return line;
}

class Reader {
  public:
    Reader(core::Settings table, const fs::path& root, const core::Configuration& depot)
        : table_(std::move(table)), root_(root), depot_(depot) {}

    Configuration read() {
        read_rt();
        read_names();
        read_listener();
        read_people();
        read_stages();
        read_download();
        result_.poll = std::chrono::seconds(table_.number("poll_seconds", 60));
        result_.two_person = table_.flag("two_person", true);
        table_.nothing_else();
        return std::move(result_);
    }

  private:
    fs::path path(core::Settings& table, std::string_view key) {
        const std::string text = table.text(key);
        return text.empty() ? fs::path() : root_ / text;
    }

    void read_rt() {
        result_.rt.url = table_.text("url");
        if (!result_.rt.url.starts_with("http://") && !result_.rt.url.starts_with("https://")) {
            table_.bad("url", "the address of RT, such as https://rt.example.org");
        }
        result_.rt.queue = table_.text("queue", result_.rt.queue);
        result_.rt.role = table_.text("role", result_.rt.role);
        result_.authorities = path(table_, "authorities");
        result_.rt.largest_answer = static_cast<std::uint64_t>(table_.number("answer_megabytes", 8))
                                    << 20;
        const fs::path token = path(table_, "token_file");
        const fs::path password = path(table_, "password_file");
        result_.rt.user = table_.text("user");
        if (token.empty() == (password.empty() || result_.rt.user.empty())) {
            table_.bad("token_file", "given, or else user and password_file");
        }
        if (!token.empty()) result_.rt.token = secret_in(token);
        if (!password.empty()) result_.rt.password = secret_in(password);
    }

    void read_names() {
        core::Settings fields = table_.table("fields");
        rt::FieldNames& names = result_.rt.fields;
        for (auto [key, name] : {std::pair{"action", &names.action},
                                 {"status", &names.status},
                                 {"repository_url", &names.repository_url},
                                 {"emergency", &names.emergency},
                                 {"line", &names.line},
                                 {"sync_url", &names.sync_url}}) {
            *name = fields.text(key, *name);
        }
        fields.nothing_else();
        core::Settings statuses = table_.table("statuses");
        rt::StatusNames& written = result_.rt.statuses;
        for (auto [key, name] : {std::pair{"unverified", &written.unverified},
                                 {"stage_rollout", &written.stage_rollout},
                                 {"production", &written.production},
                                 {"deprecated", &written.deprecated},
                                 {"rejected", &written.rejected},
                                 {"failed", &written.failed}}) {
            *name = statuses.text(key, *name);
        }
        statuses.nothing_else();
    }

    void read_listener() {
        const std::string listen = table_.text("listen");
        const fs::path secret = path(table_, "secret_file");
        result_.trusted_proxies = table_.texts("trusted_proxies");
        for (const std::string& proxy : result_.trusted_proxies) http::Network::parse(proxy);
        if (listen.empty()) return;
        const std::size_t colon = listen.rfind(':');
        const auto port = colon == std::string::npos || colon == 0
                              ? std::nullopt
                              : core::whole_number<std::uint16_t>(listen.substr(colon + 1));
        if (!port) table_.bad("listen", "an address and a port, such as \"127.0.0.1:8910\"");
        result_.listen_port = *port;
        result_.listen_address = listen.substr(0, colon);
        if (secret.empty()) table_.bad("secret_file", "given if listen is");
        result_.secret = secret_in(secret);
    }

    void read_people() {
        core::Settings may = table_.table("may");
        for (const std::string& key : may.keys()) {
            const auto action = rt::parse_action(key);
            const bool emergency = core::lower(key) == "emergency";
            if (!action && !emergency) {
                may.bad(key, "named as a RepoAction, such as MoveToUnverified, or Emergency");
            }
            People& people = emergency ? result_.may_grant_emergency : result_.may[*action];
            for (const std::string& who : may.texts(key)) {
                people.push_back(who);
                if (who.starts_with(group_prefix)) name_group(who.substr(group_prefix.size()));
            }
        }
        result_.providers = depot_.providers;
        for (const core::Provider& provider : depot_.providers) {
            for (const std::string& who : provider.people) {
                if (who.starts_with(group_prefix)) name_group(who.substr(group_prefix.size()));
            }
        }
        core::Settings responsible = table_.table("responsible");
        using rt::Status;
        for (const auto& [key, status] : {std::pair{"unverified", Status::unverified},
                                          {"stage_rollout", Status::stage_rollout},
                                          {"production", Status::production},
                                          {"deprecated", Status::deprecated},
                                          {"rejected", Status::rejected},
                                          {"failed", Status::failed}}) {
            const std::string group = responsible.text(key);
            if (group.empty()) continue;
            result_.responsible[status] = group;
            name_group(group);
        }
        responsible.nothing_else();
    }

    void name_group(const std::string& group) {
        auto& groups = result_.rt.groups;
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    }

    void read_stages() {
        core::Settings stages = table_.table("stages");
        const rt::StageNames names{
            depot_.entry_stage().name, stages.text("stage_rollout", "stage-rollout"),
            stages.text("production", "production"), depot_.archive_stage().name};
        stages.nothing_else();
        depot_.stage(names.stage_rollout);
        depot_.stage(names.production);
        result_.actions = {depot_.stages, names};
        const core::Report report = result_.actions.check();
        if (core::has_errors(report)) throw core::Refused(report);
        if (depot_.public_url.empty()) {
            throw core::Error("public_url must be set: tickets are told where a release is");
        }
    }

    void read_download() {
        core::Settings download = table_.table("download");
        fetch::Settings& to = result_.download;
        to.access.hosts = download.texts("allowed_hosts");
        to.access.schemes = download.texts("schemes", {"https", "http", "ftp", "rsync"});
        for (const std::string& network : download.texts("allowed_networks")) {
            to.access.networks.push_back(http::Network::parse(network));
        }
        const auto megabytes = [&](std::string_view key, std::int64_t otherwise) {
            return static_cast<std::uint64_t>(download.number(key, otherwise)) << 20;
        };
        to.bounds.file_bytes = megabytes("file_megabytes", 4096);
        to.bounds.total_bytes = megabytes("total_megabytes", 16'384);
        to.bounds.files = static_cast<std::size_t>(download.number("files", 5000));
        to.bounds.indexes.bytes = megabytes("index_megabytes", 256);
        to.bounds.indexes.packages =
            static_cast<std::uint64_t>(download.number("index_packages", 100'000, 10'000'000));
        to.bounds.time = std::chrono::minutes(download.number("minutes", 120));
        to.limits.total = std::chrono::minutes(download.number("file_minutes", 60));
        to.authorities = path(download, "authorities");
        for (const std::string& file : download.texts("repository_keys")) {
            result_.repository_keys.push_back(core::read_file(root_ / file, 1 << 20));
        }
        result_.rt.largest_attachment = megabytes("attachment_megabytes", 4096);
        download.nothing_else();
    }

    core::Settings table_;
    const fs::path& root_;
    const core::Configuration& depot_;
    Configuration result_;
};

}  // namespace

Configuration parse_configuration(std::string_view toml, const fs::path& root,
                                  const core::Configuration& depot) {
    const std::string file = core::Layout{root}.configuration().string();
    core::Settings settings = core::Settings::parse(toml, file);
    const auto keys = settings.keys();
    if (std::find(keys.begin(), keys.end(), "bridge") == keys.end()) {
        throw core::Error(file + " has no table [bridge]; rt-bridge/README.md shows one");
    }
    try {
        return core::with_context(
            file, [&] { return Reader(settings.table("bridge"), root, depot).read(); });
    } catch (const core::Refused& refused) {
        throw core::Error(
            fmt::format("{}: bridge: {}; {}", file, refused.what(), refused.remedy()));
    }
}

Configuration read_configuration(const fs::path& root, const core::Configuration& depot) {
    return parse_configuration(core::read_file(core::Layout{root}.configuration(), 1 << 20), root,
                               depot);
}

}  // namespace bridge
