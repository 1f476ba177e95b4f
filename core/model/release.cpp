// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/release.hpp"

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/text.hpp"

namespace core {

void fields(auto& json, Of<Document> auto& document) {
    json.member("sha256", document.digest);
    json.member("size", document.size);
    json.member("index", document.index);
    json.member("platform", document.platform);
    json.member("name", document.name);
}

void fields(auto& json, Of<ListedPackage> auto& listed) {
    json.member("name", listed.name);
    json.member("version", listed.version);
    json.member("release", listed.release);
    json.member("architecture", listed.architecture);
    json.member("platform", listed.platform);
    json.member("file_name", listed.file_name);
    json.member("url", listed.url);
    json.member("line", listed.line);
}

void fields(auto& json, Of<DescriptorField> auto& field) {
    json.member("path", field.path);
    json.member("value", field.value);
}

void fields(auto& json, Of<Descriptor> auto& descriptor) {
    json.member("revision", descriptor.revision);
    json.member("product", descriptor.product);
    json.member("version", descriptor.version);
    json.member("provider", descriptor.provider);
    json.member("contact", descriptor.contact);
    json.member("description", descriptor.description);
    json.member("date", descriptor.date);
    json.member("release_notes", descriptor.release_notes);
    json.member("change_log", descriptor.change_log);
    json.member("sync_protocol", descriptor.sync_protocol);
    json.member("sync_url", descriptor.sync_url);
    json.member("documentation_links", descriptor.documentation_links);
    json.member("platforms", descriptor.platforms);
    json.member("architectures", descriptor.architectures);
    json.member("emergency", descriptor.emergency);
    json.member("incremental", descriptor.incremental);
    json.member("dry_run", descriptor.dry_run);
    json.member("lists_packages", descriptor.lists_packages);
    json.member("packages", descriptor.packages);
    json.member("fields", descriptor.fields);
}

void fields(auto& json, Of<ParsedDescriptor> auto& parsed) {
    json.member("descriptor", parsed.descriptor);
    json.member("report", parsed.report);
}

void fields(auto& json, Of<Release> auto& release) {
    json.member("id", release.id);
    json.member("line", release.line);
    json.member("product", release.product);
    json.member("version", release.version);
    json.member("emergency", release.emergency);
    json.member("admitted", release.admitted);
    json.member("operation", release.operation);
    json.member("by", release.by);
    json.unless_empty("submitters", release.submitters);
    json.unless_empty("provider", release.provider);
    json.member("cause", release.cause);
    json.member("descriptor", release.descriptor);
    json.member("descriptor_sha256", release.descriptor_digest);
    json.member("packages", release.packages);
    json.member("documents", release.documents);
    json.unless_empty("ids", release.ids);
    json.member("warnings", release.warnings);
}

namespace {

constexpr int format = 1;

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
    Json json = release;
    json["format"] = format;
    return dump(json) + "\n";
}

Release release_from_json(std::string_view text) {
    const Json json = parse_json(text, "the release record");
    try {
        if (json.at("format") != format) {
            throw Error("the release record is of a format this sluice cannot read");
        }
        return json.get<Release>();
    } catch (const Json::exception& error) {
        throw Error(std::string("the release record is damaged: ") + error.what());
    }
}

std::string to_json(const ParsedDescriptor& parsed) {
    return dump(Json(parsed));
}

ParsedDescriptor parsed_descriptor_from_json(std::string_view text) {
    try {
        return parse_json(text, "what was read of a descriptor").get<ParsedDescriptor>();
    } catch (const Json::exception& error) {
        throw Error(std::string("what was read of a descriptor is damaged: ") + error.what());
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
