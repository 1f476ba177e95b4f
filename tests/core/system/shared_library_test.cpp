// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/system/shared_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/error.hpp"

namespace core_test {
namespace {

using core::SharedLibrary;
using testing::HasSubstr;

TEST(SharedLibrary, HasTheFunctionsOfItsHeader) {
    double (*hypotenuse)(double, double) = SharedLibrary("libm.so.6").function("hypot");
    EXPECT_EQ(hypotenuse(3, 4), 5);  // it stays loaded
}

TEST(SharedLibrary, NamesWhatIsNotThere) {
    try {
        SharedLibrary("libnowhere.so.7");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("libnowhere.so.7"));
    }
    try {
        SharedLibrary("libm.so.6").function("sluice_has_no_such_function");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("sluice_has_no_such_function"));
    }
}

}  // namespace
}  // namespace core_test
