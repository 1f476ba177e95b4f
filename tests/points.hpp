// SPDX-License-Identifier: GPL-3.0-or-later
// How densely a test tries points that are many and alike, such as each call of an operation.
#pragma once

namespace tests {

/// From one point to the next. ThreadSanitizer makes each ten times slower, and looks for what
/// threads do to each other, which is the same at most of them; the other build tries them all.
#ifdef __SANITIZE_THREAD__
inline constexpr int next_point = 5;
#else
inline constexpr int next_point = 1;
#endif

}  // namespace tests
