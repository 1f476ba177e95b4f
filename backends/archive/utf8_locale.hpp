// SPDX-License-Identifier: GPL-3.0-or-later
// libarchive turns the UTF-8 names of pax headers and zip members into the character set of the
// thread's locale, and warns about each it cannot turn. sluice's names are bytes in UTF-8 whatever
// locale it was started in, so the thread borrows a UTF-8 locale while libarchive reads a header.
#pragma once

#include <clocale>
#include <locale.h>
#include <memory>
#include <type_traits>

namespace archive {

class Utf8Locale {
  public:
    Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}

    /// In force until the result is destroyed. Without such a locale on the machine, nothing.
    auto use() const {
        const auto restore = [](locale_t before) {
            if (before != nullptr) ::uselocale(before);
        };
        locale_t before = locale_ ? ::uselocale(locale_.get()) : nullptr;
        return std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(restore)>(before, restore);
    }

  private:
    struct Freer {
        void operator()(locale_t locale) const { ::freelocale(locale); }
    };
    std::unique_ptr<std::remove_pointer_t<locale_t>, Freer> locale_;
};

}  // namespace archive
