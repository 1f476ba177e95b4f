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
    /// In force until the result is destroyed. Without such a locale on the machine, nothing.
    auto use() const {
        const auto restore = [](locale_t before) {
            if (before != nullptr) ::uselocale(before);
        };
        const locale_t ours = utf8();
        locale_t before = ours != nullptr ? ::uselocale(ours) : nullptr;
        return std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(restore)>(before, restore);
    }

  private:
    /// One for the process, which nobody changes: glibc reads its file each time one is made.
    static locale_t utf8() {
        static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return locale;
    }
};

}  // namespace archive
