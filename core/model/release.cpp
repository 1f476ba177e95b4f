// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/release.hpp"

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

constexpr int format = 1;

Json json_of(const Document& document) {
    return {{"sha256", document.digest.hex()},
            {"size", document.size},
            {"index", document.index},
            {"platform", document.platform},
            {"name", document.name}};
}

Document document_of(const Json& json) {
    Document document;
    document.digest = Digest::parse(json.at("sha256").get<std::string>());
    document.size = json.at("size");
    document.index = json.at("index");
    document.platform = json.at("platform");
    document.name = json.at("name");
    return document;
}

Json json_of(const ListedPackage& listed) {
    return {{"name", listed.name},         {"version", listed.version},
            {"release", listed.release},   {"architecture", listed.architecture},
            {"platform", listed.platform}, {"file_name", listed.file_name},
            {"url", listed.url},           {"line", listed.line}};
}

ListedPackage listed_of(const Json& json) {
    return {json.at("name"),     json.at("version"),   json.at("release"), json.at("architecture"),
            json.at("platform"), json.at("file_name"), json.at("url"),     json.at("line")};
}

Json json_of(const Descriptor& descriptor) {
    Json packages = Json::array();
    for (const ListedPackage& listed : descriptor.packages) packages.push_back(json_of(listed));
    Json fields = Json::array();
    for (const DescriptorField& field : descriptor.fields) {
        fields.push_back({{"path", field.path}, {"value", field.value}});
    }
    return {{"revision", descriptor.revision},
            {"product", descriptor.product},
            {"version", descriptor.version},
            {"provider", descriptor.provider},
            {"contact", descriptor.contact},
            {"description", descriptor.description},
            {"date", descriptor.date},
            {"release_notes", descriptor.release_notes},
            {"change_log", descriptor.change_log},
            {"sync_protocol", descriptor.sync_protocol},
            {"sync_url", descriptor.sync_url},
            {"documentation_links", descriptor.documentation_links},
            {"platforms", descriptor.platforms},
            {"architectures", descriptor.architectures},
            {"emergency", descriptor.emergency},
            {"incremental", descriptor.incremental},
            {"dry_run", descriptor.dry_run},
            {"lists_packages", descriptor.lists_packages},
            {"packages", packages},
            {"fields", fields}};
}

Descriptor descriptor_of(const Json& json) {
    Descriptor descriptor;
    descriptor.revision = json.at("revision");
    descriptor.product = json.at("product");
    descriptor.version = json.at("version");
    descriptor.provider = json.at("provider");
    descriptor.contact = json.at("contact");
    descriptor.description = json.at("description");
    descriptor.date = json.at("date");
    descriptor.release_notes = json.at("release_notes");
    descriptor.change_log = json.at("change_log");
    descriptor.sync_protocol = json.at("sync_protocol");
    descriptor.sync_url = json.at("sync_url");
    descriptor.documentation_links = json.at("documentation_links").get<std::vector<std::string>>();
    descriptor.platforms = json.at("platforms").get<std::vector<std::string>>();
    descriptor.architectures = json.at("architectures").get<std::vector<std::string>>();
    descriptor.emergency = json.at("emergency");
    descriptor.incremental = json.at("incremental");
    descriptor.dry_run = json.at("dry_run");
    descriptor.lists_packages = json.at("lists_packages");
    for (const Json& listed : json.at("packages")) descriptor.packages.push_back(listed_of(listed));
    for (const Json& field : json.at("fields")) {
        descriptor.fields.push_back({field.at("path"), field.at("value")});
    }
    return descriptor;
}

Release release_of(const Json& json) {
    Release release;
    release.id = json.at("id");
    release.line = json.at("line");
    release.product = json.at("product");
    release.version = json.at("version");
    release.emergency = json.at("emergency");
    release.admitted = parse_time(json.at("admitted").get<std::string>());
    release.operation = json.at("operation");
    release.by = json.at("by");
    release.provider = json.value("provider", "");
    if (json.contains("submitters")) {  // older records have none
        release.submitters = json.at("submitters").get<std::vector<std::string>>();
    }
    release.cause = json.at("cause");
    release.descriptor = descriptor_of(json.at("descriptor"));
    release.descriptor_digest = Digest::parse(json.at("descriptor_sha256").get<std::string>());
    for (const Json& package : json.at("packages")) release.packages.push_back(package_of(package));
    for (const Json& one : json.at("documents")) release.documents.push_back(document_of(one));
    release.ids = json.value("ids", release.ids);
    for (const Json& warning : json.at("warnings")) release.warnings.push_back(problem_of(warning));
    return release;
}

/// Small letters, digits and ". _ + -"; everything else becomes one dash.
std::string slug(std::string_view text) {
    std::string result;
    for (const char c : lower(text)) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+';
        if (plain) {
            result += c;
        } else if (!result.empty() && result.back() != '-') {
            result += '-';
        }
    }
    while (result.ends_with('-')) result.pop_back();
    const std::size_t begin = result.find_first_not_of(".-");
    result = begin == std::string::npos ? "unnamed" : result.substr(begin);
    constexpr std::size_t longest = 80;
    return result.substr(0, longest);
}

}  // namespace

std::string to_json(const Release& release) {
    Json packages = Json::array();
    for (const Package& package : release.packages) packages.push_back(json_of(package));
    Json documents = Json::array();
    for (const Document& document : release.documents) documents.push_back(json_of(document));
    Json warnings = Json::array();
    for (const Problem& warning : release.warnings) warnings.push_back(json_of(warning));
    Json json{{"format", format},
              {"id", release.id},
              {"line", release.line},
              {"product", release.product},
              {"version", release.version},
              {"emergency", release.emergency},
              {"admitted", format_time(release.admitted)},
              {"operation", release.operation},
              {"by", release.by},
              {"submitters", release.submitters},
              {"cause", release.cause},
              {"descriptor", json_of(release.descriptor)},
              {"descriptor_sha256", release.descriptor_digest.hex()},
              {"packages", std::move(packages)},
              {"documents", std::move(documents)},
              {"warnings", std::move(warnings)}};
    if (!release.provider.empty()) json["provider"] = release.provider;
    if (!release.ids.empty()) json["ids"] = release.ids;
    return dump(json) + "\n";
}

Release release_from_json(std::string_view text) {
    const Json json = parse_json(text, "the release record");
    try {
        if (json.at("format") != format) {
            throw Error("the release record is of a format this sluice cannot read");
        }
        return release_of(json);
    } catch (const Json::exception& error) {
        throw Error(std::string("the release record is damaged: ") + error.what());
    }
}

std::string release_id(std::string_view product, std::string_view version, std::string_view line,
                       bool default_line, int submission) {
    std::string id = slug(product) + "-" + slug(version);
    if (!default_line) id += "@" + std::string(line);
    if (submission > 1) id += "~" + std::to_string(submission);
    return id;
}

}  // namespace core
