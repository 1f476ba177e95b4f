// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/bundle/receiver.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "backends/bundle/inflate_cell.hpp"
#include "core/model/error.hpp"
#include "core/model/report.hpp"
#include "core/model/text.hpp"
#include "core/system/files.hpp"

namespace bundle {
namespace fs = std::filesystem;
namespace {

using core::Problem;

constexpr unsigned set_id_bits = 06000;

std::string base_name(const std::string& name) {
    return core::lower(name.substr(name.rfind('/') + 1));
}

bool ends_with_any(const std::string& text, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return text.ends_with(end); });
}

/// Parts of a Debian source package that are archives themselves.
bool is_debian_source_part(const std::string& base) {
    return base.find(".orig.tar.") != base.npos || base.find(".orig-") != base.npos ||
           base.find(".debian.tar.") != base.npos || base.ends_with(".diff.gz");
}

}  // namespace

Receiver::Receiver(const core::Cells& cells, Scratch& scratch, const core::BundleLimits& limits)
    : cells_(cells), scratch_(scratch), limits_(limits), names_(limits) {}

void Receiver::add(Problem problem) {
    const Kind kind{problem.code, problem.severity};
    if (++counts_[kind] <= limits_.findings) bundle_.report.push_back(std::move(problem));
}

void Receiver::error(core::reason::Code code, const std::string& where, std::string message,
                     std::string remedy) {
    add(core::error_at(where, code, std::move(message), std::move(remedy)));
}

void Receiver::warning(core::reason::Code code, const std::string& where, std::string message) {
    add(core::warning_at(where, code, std::move(message)));
}

void Receiver::refuse(const Received& received, core::reason::Code code, std::string message,
                      std::string remedy) {
    error(code, received.name, std::move(message), std::move(remedy));
    scratch_.remove(received.written.file);
}

void Receiver::ignore(const Received& received, std::string_view what) {
    warning(core::reason::file_ignored, received.name,
            "it is " + std::string(what) + ", which is not published");
    scratch_.remove(received.written.file);
}

core::Report Receiver::report() const {
    core::Report report = bundle_.report;
    for (const auto& [kind, count] : counts_) {
        if (count <= limits_.findings) continue;
        Problem problem;
        std::tie(problem.code, problem.severity) = kind;
        problem.message = std::to_string(count - limits_.findings) + " more files are like this";
        report.push_back(std::move(problem));
    }
    return report;
}

core::Bundle Receiver::finish() {
    bundle_.report = report();
    return std::move(bundle_);
}

std::optional<Problem> Receiver::find_problem(const archive::Member& member) {
    if (auto problem = name_problem(member.name)) {
        problem->where = member.name;
        return problem;
    }
    const std::string plain = plain_name(member.name);
    check_depth(plain, limits_);
    if (member.type == archive::Type::directory) return std::nullopt;
    if (member.type != archive::Type::regular) {
        const std::string target = member.link.empty() ? "" : " to " + member.link;
        return core::error_at(member.name, core::reason::non_regular_member,
                              "it is " + std::string(archive::description(member.type)) + target,
                              "put only regular files and directories into a bundle");
    }
    if ((member.mode & set_id_bits) != 0) {
        return core::error_at(member.name, core::reason::non_regular_member,
                              "it is set-user-ID or set-group-ID", "clear the bits (chmod ug-s)");
    }
    if (plain.empty() || member.name.ends_with('/')) {
        return core::error_at(member.name, core::reason::member_name,
                              "a file is named like a directory", "rename the file");
    }
    auto taken = names_.add_file(plain);
    if (taken) taken->where = plain;
    return taken;
}

Receiver::Received Receiver::copy(const std::string& name, const Fill& fill) {
    Received received;
    received.name = plain_name(name);
    std::string head;
    received.written = scratch_.write([&](const Scratch::Sink& sink) {
        fill([&](std::string_view block) {
            head += block.substr(0, content_head - head.size());
            sink(block);
        });
    });
    received.content = content_of(head);
    return received;
}

Receiver::Received Receiver::take_in(const std::string& name, const std::filesystem::path& file) {
    Received received;
    received.name = plain_name(name);
    std::string head;
    if (!file.empty()) {
        received.written = scratch_.take_in(file, [&](std::string_view block) {
            head += block.substr(0, content_head - head.size());
        });
    } else {
        received.written.digest = core::sha256({});
    }
    received.content = content_of(head);
    return received;
}

void Receiver::receive(const archive::Member& member, const Fill& fill) {
    if (auto problem = find_problem(member)) {
        add(*std::move(problem));
    } else if (member.type == archive::Type::regular) {
        take(copy(member.name, fill));
    }
}

void Receiver::take(Received received) {
    const Content content = received.content;
    const std::string base = base_name(received.name);
    if (content == Content::rpm) return take_package(std::move(received), "rpm");
    if (content == Content::deb) return take_package(std::move(received), "deb");
    if (refuse_pretender(received)) return;
    const bool xml = content == Content::descriptor || content == Content::xml;
    if (xml || base == "release.xml") return take_candidate(received);
    const bool compressed = content == Content::compressed;
    const bool document = content == Content::comps || content == Content::updateinfo;
    if (compressed || document) count_document(received.name);
    if (document) {
        return take_document(std::move(received),
                             content == Content::comps ? "comps" : "updateinfo");
    }
    if (compressed) return take_compressed(std::move(received));
    if (content == Content::archive) {
        return refuse(received, core::reason::nested_archive, "it is an archive inside the bundle",
                      "put the files themselves into the bundle");
    }
    ignore(received, description(content));
}

/// Errors for what is not a package but says so, or is one that cannot be published.
bool Receiver::refuse_pretender(const Received& received) {
    const Content content = received.content;
    const std::string base = base_name(received.name);
    if (content == Content::debian_source || base.ends_with(".dsc") ||
        is_debian_source_part(base)) {
        refuse(received, core::reason::package_unsupported,
               "it belongs to a Debian source package, which is not supported",
               "leave Debian source packages out of the bundle");
        return true;
    }
    if (content == Content::delta_rpm) {
        refuse(received, core::reason::package_unsupported, "it is a delta RPM",
               "hand in the whole package");
        return true;
    }
    if (!ends_with_any(base, {".rpm", ".deb", ".udeb", ".ddeb"})) return false;
    refuse(received, core::reason::package_corrupt,
           "it is named like a package, but it is " + std::string(description(content)),
           content == Content::html ? "download the package again; this page was saved in its place"
                                    : "hand in the package itself");
    return true;
}

void Receiver::take_package(Received received, std::string format) {
    const std::string base = base_name(received.name);
    const bool named_otherwise = format == "rpm" ? base.ends_with(".deb") : base.ends_with(".rpm");
    if (named_otherwise) {
        warning(core::reason::tolerated_form, received.name, "by its content it is a ." + format);
    }
    bundle_.packages.push_back({received.written.file, received.written.digest,
                                received.written.size, std::move(received.name),
                                std::move(format)});
}

/// Each has to be looked into, which may take much longer than it has bytes.
void Receiver::count_document(const std::string& name) {
    if (++documents_ <= limits_.documents) return;
    throw core::Refused(core::reason::member_limit,
                        name + " is one of more than " + std::to_string(limits_.documents) +
                            " documents and compressed files",
                        core::raise_bundle_limit("leave some out", "documents"));
}

void Receiver::too_much_in_documents(const std::string& name) const {
    throw core::Refused(core::reason::size_limit,
                        "its documents have more than " +
                            std::to_string(limits_.documents_mb << 20) + " bytes with " + name,
                        core::raise_bundle_limit("shorten them", "documents_mb"));
}

void Receiver::take_document(Received received, std::string format) {
    document_bytes_ += received.written.size;
    if (document_bytes_ > limits_.documents_mb << 20) too_much_in_documents(received.name);
    bundle_.documents.push_back({received.written.file, received.written.digest,
                                 received.written.size, std::move(received.name),
                                 std::move(format)});
}

void Receiver::take_candidate(const Received& received) {
    if (candidates_.size() == limits_.xml_files) {
        throw core::Refused(core::reason::member_limit,
                            received.name + " is one of more than " +
                                std::to_string(limits_.xml_files) + " XML documents",
                            core::raise_bundle_limit("leave some out", "xml_files"));
    }
    DescriptorCandidate candidate;
    candidate.name = received.name;
    candidate.by_root = received.content == Content::descriptor;
    candidate.by_name = base_name(received.name) == "release.xml";
    candidate.file = received.written.file;
    candidate.size = received.written.size;
    candidates_.push_back(std::move(candidate));
}

/// The file is what came out of it.
void Receiver::unpack(Received& received) {
    Scratch::Opened opened = scratch_.create();
    try {
        inflate(cells_, received.written.file, std::move(opened.file), limits_,
                (limits_.documents_mb << 20) - document_bytes_);
    } catch (...) {
        scratch_.remove(opened.path);
        throw;
    }
    scratch_.remove(received.written.file);
    received.written = scratch_.take_in(opened.path, [](std::string_view) {});
}

/// comps and updateinfo documents may come compressed, as a repository has them.
void Receiver::take_compressed(Received received) {
    const std::string base = base_name(received.name);
    const bool expected = base.find(".xml") != base.npos;
    try {
        const Content inner = content_of(inflated_head(cells_, received.written.file));
        if (inner == Content::comps || inner == Content::updateinfo) {
            unpack(received);
            return take_document(std::move(received),
                                 inner == Content::comps ? "comps" : "updateinfo");
        }
        if (inner == Content::archive || inner == Content::rpm || inner == Content::deb) {
            return refuse(
                received, core::reason::nested_archive,
                "it is " + std::string(description(inner)) + ", compressed, inside the bundle",
                "put the files themselves into the bundle");
        }
    } catch (const core::Refused& broken) {
        if (broken.code() == core::reason::size_limit) too_much_in_documents(received.name);
        const bool nested = broken.code() == core::reason::nested_archive;
        if (nested || expected) {
            return refuse(received,
                          nested ? core::reason::nested_archive : core::reason::document_invalid,
                          broken.what(), broken.remedy());
        }
    }
    ignore(received, description(Content::compressed));
}

std::optional<GivenDescriptor> Receiver::choose_descriptor(bool given) {
    const auto sure = [](const DescriptorCandidate& one) { return one.by_root || one.by_name; };
    // A document of another kind is the descriptor only where it is the only one.
    const bool any = candidates_.size() == 1;
    std::vector<const DescriptorCandidate*> chosen;
    for (const DescriptorCandidate& candidate : candidates_) {
        if (!given && (any || sure(candidate))) {
            chosen.push_back(&candidate);
            continue;
        }
        warning(core::reason::file_ignored, candidate.name,
                sure(candidate) ? "this descriptor is not used: another one was given"
                                : "it is an XML document of another kind, which is not published");
    }
    std::optional<GivenDescriptor> descriptor;
    if (chosen.size() == 1) {
        descriptor = read_descriptor(*chosen.front());
    } else if (chosen.size() > 1) {
        std::vector<std::string> names;
        for (const DescriptorCandidate* one : chosen) names.push_back(one->name);
        names.resize(std::min<std::size_t>(names.size(), 10));
        error(core::reason::descriptor_ambiguous, chosen[1]->name,
              "there is more than one descriptor: " + core::join(names, ", "),
              "leave one in the bundle, or name one with --descriptor");
    } else if (!given) {
        error(core::reason::descriptor_missing, "", "there is no descriptor in the bundle",
              "add release.xml, or give one with --descriptor");
    }
    for (const DescriptorCandidate& candidate : candidates_) scratch_.remove(candidate.file);
    return descriptor;
}

std::optional<GivenDescriptor> Receiver::read_descriptor(const DescriptorCandidate& candidate) {
    if (candidate.size == 0) return GivenDescriptor{"", candidate.name};  // there is no file then
    if (candidate.size <= largest_descriptor) {
        return GivenDescriptor{core::read_file(candidate.file, largest_descriptor), candidate.name};
    }
    error(core::reason::xml_limit, candidate.name,
          "the descriptor has " + std::to_string(candidate.size) + " bytes",
          "put release notes of this size into a document of their own");
    return std::nullopt;
}

}  // namespace bundle
