// SPDX-License-Identifier: GPL-3.0-or-later
// That a request is refused, and for which reason.
#pragma once

#include <gtest/gtest.h>

#include "core/model/error.hpp"

#define EXPECT_REFUSED(statement, reason_code)                    \
    try {                                                         \
        statement;                                                \
        ADD_FAILURE() << #statement " was not refused";           \
    } catch (const core::Refused& refused) {                      \
        EXPECT_EQ(refused.code(), reason_code) << refused.what(); \
    }
