// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/pdiff.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

// A client asks for each patch that it needs; beyond some number the whole file is the faster way.
constexpr std::size_t most_patches = 24;

/// A line that is only "." ends what an ed command inserts.
void require_plain_lines(std::string_view text) {
    if (!text.ends_with('\n') || text.starts_with(".\n") ||
        text.find("\n.\n") != std::string_view::npos) {
        throw core::Error("an index entry that cannot stand in a patch");
    }
}

void append_command(std::string& script, const LineChange& change) {
    const std::uint64_t first = change.before + 1;
    const std::uint64_t last = change.before + change.leaving;
    if (change.leaving == 0) {
        script += fmt::format("{}a\n", change.before);
    } else {
        script += fmt::to_string(first);
        if (last != first) script += fmt::format(",{}", last);
        script += change.coming.empty() ? "d\n" : "c\n";
    }
    if (change.coming.empty()) return;
    require_plain_lines(change.coming);
    script += change.coming;
    script += ".\n";
}

/// Changes that touch, as one.
std::vector<LineChange> merged(const std::vector<LineChange>& changes) {
    std::vector<LineChange> all;
    for (const LineChange& change : changes) {
        if (change.leaving == 0 && change.coming.empty()) continue;
        const std::uint64_t end = all.empty() ? 0 : all.back().before + all.back().leaving;
        if (change.before < end) throw core::Error("changes of an index overlap");
        if (!all.empty() && change.before == end) {
            all.back().leaving += change.leaving;
            all.back().coming += change.coming;
        } else {
            all.push_back(change);
        }
    }
    return all;
}

core::Error bad_line(std::string_view line) {
    return core::Error("Packages.diff/Index: not a line of it: " + core::escaped(line));
}

/// Reads the text line by line.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    bool at_entry() const { return rest_.starts_with(' '); }

    std::string_view line() {
        const auto end = rest_.find('\n');
        if (end == std::string_view::npos) throw bad_line(rest_);
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return line;
    }

    void expect(std::string_view wanted) {
        const std::string_view found = line();
        if (found != wanted) throw bad_line(found);
    }

  private:
    std::string_view rest_;
};

/// "digest size" after `start`, and the name that follows if there is to be one.
Content parse_content(std::string_view line, std::string_view start, std::string* name) {
    if (!line.starts_with(start)) throw bad_line(line);
    const auto parts = core::split(line.substr(start.size()), " ");
    if (parts.size() != (name == nullptr ? 2 : 3)) throw bad_line(line);
    Content content;
    content.digest = core::Digest::parse(parts[0]);
    const auto size = core::whole_number(parts[1]);
    if (!size) throw bad_line(line);
    content.size = *size;
    if (name != nullptr) *name = parts[2];
    return content;
}

/// A file name of ours and nothing else. A generation alone: of an earlier form.
bool is_patch_name(std::string_view name) {
    const std::string_view generation = name.substr(0, name.find('-'));
    constexpr std::string_view decimal = "0123456789", hexadecimal = "0123456789abcdef";
    if (generation.empty() || generation.size() > 20 ||
        generation.find_first_not_of(decimal) != std::string_view::npos) {
        return false;
    }
    if (generation.size() == name.size()) return true;
    const std::string_view digest = name.substr(generation.size() + 1);
    return digest.size() == 64 && digest.find_first_not_of(hexadecimal) == std::string_view::npos;
}

/// The entries of the section `title`, in the order of the patches.
void parse_section(Reader& reader, std::string_view title, DiffIndex& index, Content Patch::*member,
                   std::string_view suffix) {
    reader.expect(title);
    for (Patch& patch : index.patches) {
        const std::string_view line = reader.line();
        std::string name;
        patch.*member = parse_content(line, " ", &name);
        if (name != patch.name + std::string(suffix)) throw bad_line(line);
    }
}

}  // namespace

std::string ed_script(const std::vector<LineChange>& changes) {
    const std::vector<LineChange> all = merged(changes);
    std::string script;
    // The last place first: so the numbers of the lines before it stay true.
    for (auto change = all.rbegin(); change != all.rend(); ++change) {
        append_command(script, *change);
    }
    return script;
}

std::string patch_name(const core::Digest& gzip, const std::string& generation) {
    return generation + "-" + gzip.hex();
}

std::string diff_index_text(const DiffIndex& index) {
    const auto line = [](const Content& content, const std::string& name) {
        return fmt::format(" {} {} {}\n", content.digest.hex(), content.size, name);
    };
    std::string text = fmt::format("SHA256-Current: {} {}\nSHA256-History:\n",
                                   index.current.digest.hex(), index.current.size);
    for (const Patch& patch : index.patches) text += line(patch.from, patch.name);
    text += "SHA256-Patches:\n";
    for (const Patch& patch : index.patches) text += line(patch.script, patch.name);
    text += "SHA256-Download:\n";
    for (const Patch& patch : index.patches) text += line(patch.gzip, patch.name + ".gz");
    return text;
}

DiffIndex parse_diff_index(std::string_view text) {
    DiffIndex index;
    Reader reader(text);
    index.current = parse_content(reader.line(), "SHA256-Current: ", nullptr);
    reader.expect("SHA256-History:");
    while (reader.at_entry()) {
        const std::string_view line = reader.line();
        Patch patch;
        patch.from = parse_content(line, " ", &patch.name);
        if (!is_patch_name(patch.name)) throw bad_line(line);
        index.patches.push_back(std::move(patch));
    }
    parse_section(reader, "SHA256-Patches:", index, &Patch::script, "");
    parse_section(reader, "SHA256-Download:", index, &Patch::gzip, ".gz");
    if (!reader.done()) throw bad_line(reader.line());
    // Also finds other spellings of the same: numbers with zeros in front, blanks.
    if (diff_index_text(index) != text)
        throw core::Error("Packages.diff/Index: not as we write it");
    return index;
}

DiffIndex continued(DiffIndex earlier, Patch newest, const Content& current) {
    std::vector<Patch>& patches = earlier.patches;
    patches.push_back(std::move(newest));
    const auto same = std::find_if(patches.rbegin(), patches.rend(),
                                   [&](const Patch& patch) { return patch.from == current; });
    patches.erase(patches.begin(), same.base());
    earlier.current = current;
    return earlier;
}

void shorten(DiffIndex& index, std::uint64_t limit) {
    std::vector<Patch>& patches = index.patches;
    std::size_t kept = 0;
    for (std::uint64_t size = 0; kept < std::min(patches.size(), most_patches); ++kept) {
        size += patches[patches.size() - 1 - kept].gzip.size;
        if (size > limit) break;
    }
    patches.erase(patches.begin(), patches.end() - static_cast<std::ptrdiff_t>(kept));
}

}  // namespace apt
