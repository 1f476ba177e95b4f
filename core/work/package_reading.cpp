// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/work/package_reading.hpp"

#include <algorithm>
#include <iterator>

#include "core/model/error.hpp"
#include "core/model/json.hpp"
#include "core/model/packed_texts.hpp"
#include "core/model/reason.hpp"

namespace core {
namespace {

constexpr std::uint64_t largest_head = 1 << 20;  // of an answer: names, versions

Json as_json(const PackageLimits& limits) {
    Json json = Json::object();
    for (const auto& [name, value] : package_limit_settings)
        json[std::string(name)] = limits.*value;
    return json;
}

InspectionRule rule_in(const Json& json) {
    InspectionRule rule;
    for (const auto& [name, value] : package_limit_settings) {
        rule.limits.*value = json.at("limits").at(std::string(name)).get<std::uint64_t>();
    }
    rule.remarks.base_packages = json.at("base_packages").get<std::vector<std::string>>();
    rule.remarks.usual_places = json.at("usual_places").get<std::vector<std::string>>();
    rule.admitted = json.at("admitted").get<bool>();
    return rule;
}

/// In the cell: "{package, warnings, signatures: how many}", the signatures, the fragments.
std::string answer(const PackageReader& reader, std::string_view question, File file) {
    const Json asked = parse_json(question, "a question");
    try {
        Inspection read = reader.read(
            std::move(file), Digest::parse(asked.at("digest").get<std::string>()), rule_in(asked));
        std::vector<std::string> texts{dump({{"package", read.package},
                                             {"warnings", read.warnings},
                                             {"signatures", read.signatures.size()}})};
        std::ranges::move(read.signatures, std::back_inserter(texts));
        std::ranges::move(read.fragments, std::back_inserter(texts));
        return pack_texts(texts);
    } catch (const std::bad_alloc&) {
        throw Refused(reason::package_limit,
                      "reading the package takes more memory than a package may");
    }
}

/// The reader is not to be believed: hostile bytes may have made it say anything.
Refused no_answer() {
    return Refused(reason::package_corrupt, "reading the package led to an answer that is none");
}

}  // namespace

CellTask reading_task(const PackageReader& reader) {
    return {[&reader] { reader.prepare(); },
            [&reader](std::string_view question, std::vector<File> files) {
                if (files.size() != 1) throw Error("a package is one file");
                return answer(reader, question, std::move(files.front()));
            }};
}

CellLimits reading_limits(const PackageLimits& limits) {
    // Of what was admitted once no limit is known, but a fence there is.
    constexpr std::uint64_t most = std::uint64_t{4} << 30;
    CellLimits cell;
    cell.memory = std::min(most, (std::uint64_t{512} << 20) + (limits.dictionary_mb << 20) +
                                     4 * (limits.header_mb << 20));
    return cell;
}

CellQuestion reading_question(const std::string& format, const std::filesystem::path& file,
                              const Digest& digest, const InspectionRule& rule) {
    CellQuestion question;
    question.task = format;
    question.text = dump({{"digest", digest.hex()},
                          {"limits", as_json(rule.limits)},
                          {"base_packages", rule.remarks.base_packages},
                          {"usual_places", rule.remarks.usual_places},
                          {"admitted", rule.admitted}});
    question.files.push_back(File::open_to_read(file));
    const std::uint64_t megabytes = question.files.front().size() >> 20;
    question.processor_time += std::chrono::seconds(megabytes);
    return question;
}

Inspection inspection_in(const std::optional<std::string>& answer, const Digest& digest,
                         std::uint64_t size) {
    if (!answer) {
        throw Refused(reason::package_corrupt,
                      "the package could not be read within the limits of time and memory, or it "
                      "crashed its reader");
    }
    const auto texts = packed_texts(*answer);
    if (!texts || texts->empty() || texts->front().size() > largest_head) throw no_answer();
    try {
        const Json head = parse_json(texts->front(), "a reader's answer");
        Inspection inspection;
        inspection.package = head.at("package").get<Package>();
        // Others decide: who signed it, and where it belongs.
        inspection.package.signed_by.clear();
        inspection.package.signed_with.clear();
        inspection.package.platform.clear();
        inspection.warnings = head.at("warnings").get<Report>();
        const auto signatures = head.at("signatures").get<std::size_t>();
        for (std::size_t i = 1; i < texts->size(); ++i) {
            auto& list = i <= signatures ? inspection.signatures : inspection.fragments;
            list.emplace_back((*texts)[i]);
        }
        if (inspection.package.digest == digest && inspection.package.size == size) {
            return inspection;
        }
    } catch (const Json::exception&) {
    } catch (const Error&) {
    }
    throw no_answer();
}

Inspection read_again(const Cells& cells, const Inspector& inspector, const std::string& format,
                      const std::filesystem::path& file, const Digest& digest) {
    const InspectionRule rule{no_package_limits, {{}, {}}, true};
    return with_context(file.string() + " is damaged", [&] {
        CellQuestion question = reading_question(format, file, digest, rule);
        const std::uint64_t size = question.files.front().size();
        question.largest_answer = std::uint64_t{1} << 30;
        try {
            auto inspection =
                inspection_in(cells.ask(question, reading_limits(rule.limits)), digest, size);
            inspector.accept(inspection);
            return inspection;
        } catch (const Refused& refused) {
            throw Error(refused.what());
        }
    });
}

}  // namespace core
