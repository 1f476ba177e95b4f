// SPDX-License-Identifier: GPL-3.0-or-later
// Takes the members of a bundle one by one, from an archive or a directory alike, judges each and
// puts it where it belongs: packages, documents, candidates for the descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/archive/reader.hpp"
#include "backends/bundle/content.hpp"
#include "backends/bundle/member_names.hpp"
#include "backends/bundle/reader.hpp"
#include "backends/bundle/scratch.hpp"
#include "core/model/reason.hpp"
#include "core/work/bundle.hpp"

namespace bundle {

/// A document that may be the descriptor.
struct DescriptorCandidate {
    std::string name;
    std::filesystem::path file;
    std::uint64_t size = 0;
    bool by_root = false;  // its root is one that descriptors have
    bool by_name = false;  // it is called release.xml
};

class Receiver {
  public:
    /// `limits` must outlive this.
    Receiver(const core::Cells& cells, Scratch& scratch, const core::BundleLimits& limits);

    using Fill = std::function<void(const Scratch::Sink&)>;

    /// `fill` is called at most once, for a regular file only. As the following three do, one after
    /// the other.
    void receive(const archive::Member& member, const Fill& fill);

    struct Received {
        std::string name;
        Scratch::Written written;
        Content content = Content::unknown;
    };

    /// What is wrong with a member before its content is looked at. Registers the names of files.
    std::optional<core::Problem> find_problem(const archive::Member& member);

    /// Copies a file with which there is no problem. Several threads may do so at once.
    Received copy(const std::string& name, const Fill& fill);

    /// The same of a file that a cell wrote, which has ended. Of no file: one without a byte.
    Received take_in(const std::string& name, const std::filesystem::path& file);

    void take(Received received);

    void add(core::Problem problem);

    /// The text of the one document that is the descriptor, and its name; if there is none, or
    /// more, the report says so. `given`: none is looked for. To be called once, after the last
    /// member.
    std::optional<GivenDescriptor> choose_descriptor(bool given);

    /// Everything but the descriptor. To be called once, at the end.
    core::Bundle finish();

    /// What was found so far.
    core::Report report() const;

  private:
    using Kind = std::pair<std::string, core::Severity>;  // of a finding: its code

    void count_document(const std::string& name);
    [[noreturn]] void too_much_in_documents(const std::string& name) const;
    void take_package(Received received, std::string format);
    void take_document(Received received, std::string format);
    void take_candidate(const Received& received);
    void take_compressed(Received received);
    void unpack(Received& received);
    bool refuse_pretender(const Received& received);
    void ignore(const Received& received, std::string_view what);
    std::optional<GivenDescriptor> read_descriptor(const DescriptorCandidate& candidate);
    void error(core::reason::Code code, const std::string& where, std::string message,
               std::string remedy);
    void warning(core::reason::Code code, const std::string& where, std::string message);
    void refuse(const Received& received, core::reason::Code code, std::string message,
                std::string remedy);

    const core::Cells& cells_;
    Scratch& scratch_;
    const core::BundleLimits& limits_;
    NameRegister names_;
    core::Bundle bundle_;
    std::map<Kind, std::size_t> counts_;  // of findings
    std::uint64_t documents_ = 0;         // and what may be one, compressed
    std::uint64_t document_bytes_ = 0;
    std::vector<DescriptorCandidate> candidates_;
};

}  // namespace bundle
