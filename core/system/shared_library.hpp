// SPDX-License-Identifier: GPL-3.0-or-later
// A library that is loaded when it is first used. Those that bring dozens of others with them would
// make up most of the time of a command that needs none of them.
#pragma once

#include <type_traits>

namespace core {

/// Where a function of a library is; becomes a pointer of the type that is asked for.
class LoadedFunction {
  public:
    explicit LoadedFunction(void* address) : address_(address) {}

    template <class Function>
    requires std::is_function_v<Function>
    operator Function*() const { return reinterpret_cast<Function*>(address_); }

  private:
    void* address_;
};

/// The library stays loaded, whatever becomes of this object: its functions may be called at exit.
class SharedLibrary {
  public:
    /// Throws Error if it is not installed.
    explicit SharedLibrary(const char* soname);

    /// A function of the library or of one that it brings. Declared with the type in the library's
    /// header, so that the compiler knows the signature:
    /// `decltype(&cos) cosine = library.function("cos");`
    LoadedFunction function(const char* name) const;

  private:
    void* handle_;
};

}  // namespace core
