// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/deb.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "backends/apt/ar.hpp"
#include "backends/archive/reader.hpp"
#include "backends/archive/sniff.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

namespace reason = core::reason;

constexpr std::uint64_t control_limit = 1ull << 20;     // Debian's largest has some 10 KiB
constexpr std::uint64_t file_list_limit = 32ull << 20;  // bytes of all names

/// Maintainer scripts and checksums; Debian's largest control archive has 3 MiB.
const archive::Options control_options{.limits = {.members = 10'000,
                                                  .bytes = 256ull << 20,
                                                  .member_bytes = 128ull << 20,
                                                  .ratio = 1000},
                                       .zip = false};

const archive::Options data_options{.limits = {.members = 1'000'000,
                                               .bytes = 8ull << 30,
                                               .member_bytes = 8ull << 30,
                                               .ratio = 1000},
                                    .zip = false,
                                    .lzma = true};

/// How a member's name says that it is compressed; dpkg goes by the name, we want both to agree.
struct Suffix {
    std::string_view text;
    archive::Kind kind;
    bool for_control;
};
constexpr std::array suffixes{
    Suffix{"", archive::Kind::tar, true},        Suffix{".gz", archive::Kind::gzip, true},
    Suffix{".xz", archive::Kind::xz, true},      Suffix{".zst", archive::Kind::zstd, true},
    Suffix{".bz2", archive::Kind::bzip2, false}, Suffix{".lzma", archive::Kind::lzma, false},
};

core::Refused corrupt(const std::string& message) {
    return core::Refused(reason::package_corrupt, "not a sound .deb file: " + message);
}

core::Refused unsupported(const std::string& message, std::string remedy = {}) {
    return core::Refused(reason::package_unsupported, message, std::move(remedy));
}

bool is_tar(const ArMember& member, std::string_view stem) {
    return member.name.starts_with(stem);
}

/// Refuses a control or data member in a compression that dpkg would not read there.
void check_compression(const archive::Source& source, const ArMember& member,
                       std::string_view stem) {
    const std::string_view text = std::string_view(member.name).substr(stem.size());
    const auto suffix = std::find_if(suffixes.begin(), suffixes.end(),
                                     [&](const Suffix& known) { return known.text == text; });
    const bool control = stem == "control.tar";
    if (suffix == suffixes.end() || (control && !suffix->for_control)) {
        throw unsupported(
            "the member " + core::escaped(member.name) + " is in a form that is not read",
            control ? "Build the package with dpkg-deb -Zxz, -Zzstd or -Zgzip."
                    : "Build the package with dpkg-deb -Zxz.");
    }
    const std::size_t sniffed = std::min<std::uint64_t>(member.size, archive::sniff_size);
    if (archive::kind_of(source.text_at(member.offset, sniffed)) != suffix->kind) {
        throw corrupt("its member " + member.name + " is not what its name says");
    }
}

/// The next member that is not others' business, as those are whose name begins with an underscore
/// (deb(5)).
std::optional<ArMember> next_part(ArReader& members) {
    auto member = members.next();
    while (member && member->name.starts_with('_')) member = members.next();
    return member;
}

void check_format(ArReader& members, const archive::Source& source) {
    const auto first = members.next();
    if (!first || first->name != "debian-binary") {
        throw corrupt("its first member is not debian-binary");
    }
    if (!source.text_at(first->offset, std::min<std::uint64_t>(first->size, 64))
             .starts_with("2.")) {
        throw unsupported("the package is in another format than version 2 of deb(5)");
    }
}

/// The control archive, or the data archive after it.
ArMember next_archive(ArReader& members, const archive::Source& source, std::string_view stem) {
    const auto member = next_part(members);
    if (!member || !is_tar(*member, stem)) {
        throw corrupt(stem == "control.tar"
                          ? "its control archive is not where it belongs"
                          : "its data archive does not follow the control archive");
    }
    check_compression(source, *member, stem);
    return *member;
}

void check_end(ArReader& members) {
    if (const auto member = next_part(members)) {
        throw corrupt("nobody knows what its member " + core::escaped(member->name) + " is for");
    }
}

/// "./usr/bin/argus" and "/usr/bin/argus" as "usr/bin/argus".
std::string_view installed_name(std::string_view name) {
    if (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    return name;
}

std::string read_control(archive::Reader reader) {
    std::optional<std::string> control;
    while (const archive::Member* member = reader.next()) {
        if (installed_name(member->name) != "control") continue;
        if (control) throw corrupt("it has two control files");
        if (member->type != archive::Type::regular) {
            throw corrupt("its control file is " + std::string(description(member->type)));
        }
        if (member->size > control_limit) {
            throw core::Refused(reason::control_size,
                                "the control file has " + std::to_string(member->size) +
                                    " bytes; at most " + std::to_string(control_limit) +
                                    " are read");
        }
        control = reader.read_all(control_limit);
    }
    if (!control) throw corrupt("it has no control file");
    return std::move(*control);
}

bool is_set_id(const archive::Member& member) {
    const bool has_mode_of_its_own =
        member.type != archive::Type::directory && member.type != archive::Type::symbolic_link;
    return has_mode_of_its_own && (member.mode & 06000u) != 0;
}

void read_names(archive::Reader reader, Deb& deb) {
    std::uint64_t total = 0;
    while (const archive::Member* member = reader.next()) {
        const std::string_view name = installed_name(member->name);
        total += name.size();
        if (total > file_list_limit) {
            throw core::Refused(reason::package_limit, "the names of its files are too long");
        }
        if (is_set_id(*member)) deb.set_id_files.emplace_back(name);
        // An index of contents has a line for each file: it cannot name these.
        if (!core::valid_utf8(name) || core::has_control_characters(name, core::Text::line)) {
            continue;
        }
        if (member->type != archive::Type::directory) deb.files.emplace_back(name);
    }
    std::sort(deb.files.begin(), deb.files.end());
}

core::Refused in_our_words(const archive::Broken& broken, bool control) {
    const std::string message = std::string("the ") + (control ? "control" : "data") +
                                " archive of the package: " + broken.what();
    switch (broken.fault()) {
        case archive::Fault::unknown:
        case archive::Fault::encrypted:
        case archive::Fault::nested:
            return core::Refused(reason::package_unsupported, message);
        case archive::Fault::too_many:
        case archive::Fault::too_large:
        case archive::Fault::too_dense:
        case archive::Fault::name_too_long:
            return core::Refused(control ? reason::control_size : reason::package_limit, message);
        case archive::Fault::empty:
        case archive::Fault::corrupt:
        case archive::Fault::truncated:
        case archive::Fault::trailing:
            break;
    }
    return core::Refused(reason::package_corrupt, message);
}

template <class Action>
auto reading(bool control, Action&& action) {
    try {
        return action();
    } catch (const archive::Broken& broken) {
        throw in_our_words(broken, control);
    }
}

}  // namespace

Deb read_deb(core::File file) {
    const auto source = archive::Source::once(std::move(file));
    const auto reader = [&](const ArMember& member, const archive::Options& options) {
        return archive::Reader(source.part(member.offset, member.size), options);
    };
    ArReader members(source);
    check_format(members, source);
    Deb deb;
    deb.size = source.size();
    const ArMember control = next_archive(members, source, "control.tar");
    deb.control = reading(true, [&] { return read_control(reader(control, control_options)); });
    const ArMember data = next_archive(members, source, "data.tar");
    reading(false, [&] { read_names(reader(data, data_options), deb); });
    check_end(members);
    deb.digest = source.digest();
    return deb;
}

}  // namespace apt
