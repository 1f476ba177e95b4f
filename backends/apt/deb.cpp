// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/deb.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "backends/apt/ar.hpp"
#include "backends/apt/control_files.hpp"
#include "backends/apt/members.hpp"
#include "backends/apt/refusal.hpp"
#include "backends/archive/reader.hpp"
#include "backends/archive/sniff.hpp"
#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace apt {
namespace {

namespace reason = core::reason;

// Maintainer scripts and checksums; Debian's largest control archive has 3 MiB.
constexpr std::uint64_t control_archive_limit = 256ull << 20;
constexpr std::uint64_t control_members = 10'000;

constexpr std::size_t longest_name = 4080;  // dpkg adds to it, and the system takes 4096

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

/// The line "2.MINOR"; more lines may follow. As dpkg reads it.
void check_version(std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const auto dot = line.find('.');
    const auto number = [](std::string_view part) {
        const std::size_t zeros = std::min(part.find_first_not_of('0'), part.size());
        const std::string_view digits = part.substr(zeros);
        if (part.empty() || part.find_first_not_of("0123456789") != part.npos) return false;
        return digits.size() < 10 || (digits.size() == 10 && digits <= "2147483647");
    };
    if (line.size() == text.size() || dot == line.npos || !number(line.substr(0, dot)) ||
        !number(line.substr(dot + 1))) {
        throw corrupt("its debian-binary is no version of the format");
    }
    if (core::whole_number(line.substr(0, dot)) != 2u) {
        throw unsupported("the package is in another format than version 2 of deb(5)");
    }
}

void check_format(ArReader& members, const archive::Source& source) {
    const auto first = members.next();
    if (!first || first->name != "debian-binary") {
        throw corrupt("its first member is not debian-binary");
    }
    constexpr std::size_t most = 4096;
    if (first->size > most) throw corrupt("its debian-binary is too long");
    check_version(source.text_at(first->offset, static_cast<std::size_t>(first->size)));
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

/// What may come out of a package, all in all.
class Budget {
  public:
    Budget(std::uint64_t package_size, const core::PackageLimits& limits)
        : limits_(limits),
          bytes_(std::max(limits.unpacked_mb << 20, limits.unpacked_ratio * package_size)) {}

    /// For one archive; `most`: by what it is.
    archive::Options options(const ArMember& member, std::uint64_t most,
                             std::uint64_t members) const {
        archive::Limits bounds;
        bounds.members = members;
        // bzip2 gives 75 MB in a second from hardly anything, the others more than 500.
        constexpr std::uint64_t weight_of_bzip2 = 8;
        const std::uint64_t weight = member.name.ends_with(".bz2") ? weight_of_bzip2 : 1;
        bounds.bytes = bounds.member_bytes = std::min(most, left() / weight);
        bounds.ratio_after = ~0ull;  // the budget goes by it
        bounds.name_bytes = longest_name;
        bounds.dictionary = limits_.dictionary_mb << 20;
        return {.limits = bounds, .zip = false, .lzma = true, .single = true};
    }

    void spend(const archive::Member& member) { spent_ += member.size + tar_header; }

    core::Refused exceeded(archive::Fault fault) const {
        if (fault == archive::Fault::too_many) {
            return over_limit("it has " + std::to_string(limits_.files + 1) + " members or more",
                              "files", limits_.files);
        }
        return over_limit("more than " + std::to_string(bytes_ >> 20) +
                              " MiB come out of it, or an eighth of that out of bzip2",
                          "unpacked_mb", limits_.unpacked_mb);
    }

    const core::PackageLimits& limits() const { return limits_; }

  private:
    static constexpr std::uint64_t tar_header = 512;

    std::uint64_t left() const { return bytes_ - std::min(spent_, bytes_); }

    core::PackageLimits limits_;
    std::uint64_t bytes_;
    std::uint64_t spent_ = 0;
};

core::Refused in_our_words(const archive::Broken& broken, bool control, const Budget& budget) {
    const std::string message = std::string("the ") + (control ? "control" : "data") +
                                " archive of the package: " + broken.what();
    switch (broken.fault()) {
        case archive::Fault::unknown:
        case archive::Fault::encrypted:
        case archive::Fault::nested:
            return unsupported(message);
        case archive::Fault::dictionary:
            return core::Refused(reason::package_limit, message + " (dictionary_mb)",
                                 broken.remedy() +
                                     ", or raise dictionary_mb in [line.limits] of "
                                     "sluice.toml");
        case archive::Fault::name_too_long:
            return corrupt(message);
        case archive::Fault::too_many:
        case archive::Fault::too_large:
        case archive::Fault::too_dense:
            return control ? core::Refused(reason::control_size, message)
                           : budget.exceeded(broken.fault());
        case archive::Fault::empty:
        case archive::Fault::corrupt:
        case archive::Fault::truncated:
        case archive::Fault::trailing:
            break;
    }
    return core::Refused(reason::package_corrupt, message, broken.remedy());
}

std::string read_control(archive::Reader reader, Budget& budget) {
    ControlFiles files;
    while (const archive::Member* member = reader.next()) {
        budget.spend(*member);
        files.add(*member, reader);
    }
    return files.finish();
}

bool is_set_id(const archive::Member& member) {
    const bool has_mode_of_its_own =
        member.type != archive::Type::directory && member.type != archive::Type::symbolic_link;
    return has_mode_of_its_own && (member.mode & 06000u) != 0;
}

void read_names(archive::Reader reader, const Budget& budget, Deb& deb) {
    Members members(budget.limits());
    while (const archive::Member* member = reader.next()) {
        members.add(*member);
        if (is_set_id(*member)) deb.set_id_files.emplace_back(installed_name(member->name));
    }
    deb.files = members.finish();
}

std::string_view without_root(std::string_view name) {
    if (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    return name;
}

std::string admitted_control(archive::Reader reader) {
    std::string control;
    while (const archive::Member* member = reader.next()) {
        if (without_root(member->name) != "control" || member->type != archive::Type::regular) {
            continue;
        }
        control = reader.read_all(control_archive_limit);
    }
    return control;
}

std::string admitted_names(archive::Reader reader) {
    std::vector<std::string> names;
    while (const archive::Member* member = reader.next()) {
        const std::string_view name = without_root(member->name);
        if (member->type == archive::Type::directory || name.empty() || !core::valid_utf8(name) ||
            core::has_control_characters(name, core::Text::line)) {
            continue;
        }
        names.emplace_back(name);
    }
    std::ranges::sort(names);
    std::string text;
    for (const std::string& name : names) text += name + "\n";
    return text;
}

template <class Action>
auto reading(bool control, const Budget& budget, Action&& action) {
    try {
        return action();
    } catch (const archive::Broken& broken) {
        throw in_our_words(broken, control, budget);
    }
}

}  // namespace

Deb read_deb(const archive::Source& source, const core::PackageLimits& limits) {
    ArReader members(source);
    check_format(members, source);
    Deb deb;
    deb.size = source.size();
    Budget budget(deb.size, limits);
    const auto part = [&](const ArMember& member) {
        return source.part(member.offset, member.size);
    };
    const ArMember control = next_archive(members, source, "control.tar");
    deb.control = reading(true, budget, [&] {
        const auto options = budget.options(control, control_archive_limit, control_members);
        return read_control(archive::Reader(part(control), options), budget);
    });
    const ArMember data = next_archive(members, source, "data.tar");
    reading(false, budget, [&] {
        auto options = budget.options(data, ~0ull, limits.files);
        options.dpkg = true;
        read_names(archive::Reader(part(data), options), budget, deb);
    });
    check_end(members);
    deb.digest = source.digest();
    return deb;
}

Deb read_admitted_deb(const archive::Source& source) {
    ArReader members(source);
    Deb deb;
    deb.size = source.size();
    const Budget budget(deb.size, core::no_package_limits);
    const auto reader = [&](std::string_view stem) {
        const ArMember member = next_archive(members, source, stem);
        auto options = budget.options(member, ~0ull, core::no_package_limits.files);
        options.single = false;
        return archive::Reader(source.part(member.offset, member.size), options);
    };
    check_format(members, source);
    deb.control = admitted_control(reader("control.tar"));
    deb.files = admitted_names(reader("data.tar"));
    deb.digest = source.digest();
    return deb;
}

}  // namespace apt
