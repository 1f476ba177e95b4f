// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/apt/apt_parser.hpp"

#include <apt-pkg/deblistparser.h>
#include <apt-pkg/error.h>
#include <apt-pkg/macros.h>
#include <apt-pkg/tagfile.h>
#include <array>
#include <new>

#include "core/model/text.hpp"
#include "core/system/shared_library.hpp"

#define SLUICE_TEXT_OF(number) #number
#define SLUICE_APT_SONAME(major, minor) \
    "libapt-pkg.so." SLUICE_TEXT_OF(major) "." SLUICE_TEXT_OF(minor)

namespace apt {
namespace {

using APT::StringView;

/// Loaded by the first who inspects a DEB: it brings a dozen other libraries. Its functions are of
/// C++, so they have the compiler's names for them, and methods take their object first.
struct LibApt {
    core::SharedLibrary library{SLUICE_APT_SONAME(APT_PKG_MAJOR, APT_PKG_MINOR)};

    using Method = void(pkgTagSection*);
    Method* construct = library.function("_ZN13pkgTagSectionC1Ev");
    Method* destroy = library.function("_ZN13pkgTagSectionD1Ev");
    using Scan = bool(pkgTagSection*, const char*, unsigned long, bool);
    Scan* scan = library.function("_ZN13pkgTagSection4ScanEPKcmb");
    using Find = bool(const pkgTagSection*, StringView, const char*&, const char*&);
    Find* find = library.function("_ZNK13pkgTagSection4FindEN3APT10StringViewERPKcS4_");
    using ParseDepends = const char*(const char*, const char*, StringView&, StringView&, unsigned&,
                                     bool, bool, bool, std::string);
    ParseDepends* parse_depends = library.function(
        "_ZN13debListParser12ParseDependsEPKcS1_RN3APT10StringViewES4_RjbbbNSt7__cxx1112basic_"
        "stringIcSt11char_traitsIcESaIcEEE");
    decltype(&_GetErrorObj) errors = library.function("_Z12_GetErrorObjv");
    using PopMessage = bool(GlobalError*, std::string&);
    PopMessage* pop_message = library.function(
        "_ZN11GlobalError10PopMessageERNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE");
    using Discard = void(GlobalError*);
    Discard* discard = library.function("_ZN11GlobalError7DiscardEv");
};

const LibApt& libapt() {
    static const LibApt library;
    return library;
}

class Section {
  public:
    Section() { libapt().construct(pointer()); }
    ~Section() { libapt().destroy(pointer()); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

    pkgTagSection* pointer() { return std::launder(reinterpret_cast<pkgTagSection*>(memory_)); }

  private:
    alignas(pkgTagSection) char memory_[sizeof(pkgTagSection)];
};

/// The fields that apt reads relations from, and how its error names them.
constexpr std::array relation_fields{
    "Pre-Depends", "Depends",  "Conflicts", "Breaks",   "Recommends",
    "Suggests",    "Replaces", "Enhances",  "Provides",
};

/// `fallback`, unless apt has said something more of it. What it said is forgotten.
std::string in_words_of_apt(std::string fallback) {
    constexpr std::size_t shown = 200;
    std::string text;
    const bool said = libapt().errors() != nullptr && libapt().pop_message(libapt().errors(), text);
    libapt().discard(libapt().errors());
    if (said || !text.empty()) fallback += ": " + core::escaped(text.substr(0, shown));
    return fallback;
}

/// What debListParser does with a field; empty if it comes to its end.
std::string field_objection(const char* field, const char* start, const char* stop) {
    const bool provides = std::string_view(field) == "Provides";
    // An empty field is none to apt, except for this one.
    if (start == stop && !provides) return {};
    do {
        StringView package;
        StringView version;
        unsigned relation = 0;
        // The architecture of the machine does not matter to the syntax. Given, apt does not look
        // for it in its configuration, nor ask dpkg.
        start = libapt().parse_depends(start, stop, package, version, relation, false, false, false,
                                       "amd64");
        if (start == nullptr) {
            return in_words_of_apt(provides ? "Problem parsing Provides line"
                                            : std::string("Problem parsing dependency ") + field);
        }
        if (provides && relation != pkgCache::Dep::NoOp && relation != pkgCache::Dep::Equals) {
            return in_words_of_apt("Ignoring non-equal Provides for package " +
                                   core::escaped(package.substr(0, 100).to_string()));
        }
    } while (start != stop);
    return {};
}

}  // namespace

void prepare_apt_parser() {
    // A sound entry and one that is not, so that what is set up at the first use is.
    apt_objection("Package: a\nVersion: 1\nDepends: b (>= 1)\n\n");
    apt_objection("Package: a\nVersion: 1\nDepends: b (\n\n");
}

std::string apt_objection(std::string_view entry) {
    Section section;
    libapt().discard(libapt().errors());
    if (!libapt().scan(section.pointer(), entry.data(), entry.size(), true)) {
        return in_words_of_apt("Unable to parse package file");
    }
    if (section.pointer()->size() != entry.size()) {
        return in_words_of_apt("there is more than one paragraph");
    }
    const char* start = nullptr;
    const char* stop = nullptr;
    for (const char* field : {"Package", "Version", "Architecture"}) {
        if (!libapt().find(section.pointer(), field, start, stop) || start == stop) {
            return in_words_of_apt(std::string("Encountered a section with no ") + field +
                                   ": header");
        }
    }
    for (const char* field : relation_fields) {
        if (!libapt().find(section.pointer(), field, start, stop)) continue;
        std::string objection = field_objection(field, start, stop);
        if (!objection.empty()) return objection;
    }
    libapt().discard(libapt().errors());
    return {};
}

}  // namespace apt
