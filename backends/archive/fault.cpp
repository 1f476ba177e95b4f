// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/archive/fault.hpp"

#include <utility>

#include "core/model/reason.hpp"

namespace archive {
namespace {

core::reason::Code code_of(Fault fault) {
    switch (fault) {
        case Fault::empty:
            return core::reason::bundle_empty;
        case Fault::unknown:
            return core::reason::bundle_format;
        case Fault::trailing:
            return core::reason::trailing_data;
        case Fault::encrypted:
            return core::reason::encrypted_bundle;
        case Fault::nested:
            return core::reason::nested_archive;
        case Fault::too_many:
            return core::reason::member_limit;
        case Fault::too_large:
        case Fault::dictionary:
            return core::reason::size_limit;
        case Fault::too_dense:
            return core::reason::ratio_limit;
        case Fault::name_too_long:
            return core::reason::member_name;
        case Fault::corrupt:
        case Fault::truncated:
            break;
    }
    return core::reason::bundle_corrupt;
}

}  // namespace

Broken::Broken(Fault fault, const std::string& message, std::string remedy)
    : core::Refused(code_of(fault), message, std::move(remedy)), fault_(fault) {}

}  // namespace archive
