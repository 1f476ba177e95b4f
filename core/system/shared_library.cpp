// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/shared_library.hpp"

#include <dlfcn.h>
#include <string>

#include "core/model/error.hpp"

namespace core {

SharedLibrary::SharedLibrary(const char* soname) : handle_(::dlopen(soname, RTLD_NOW)) {
    if (handle_ == nullptr) throw Error(std::string("cannot load a library: ") + ::dlerror());
}

LoadedFunction SharedLibrary::function(const char* name) const {
    void* address = ::dlsym(handle_, name);
    if (address == nullptr) throw Error(std::string("cannot use a library: ") + ::dlerror());
    return LoadedFunction(address);
}

}  // namespace core
