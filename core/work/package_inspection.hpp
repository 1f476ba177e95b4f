// SPDX-License-Identifier: GPL-3.0-or-later
// Has the packages of a bundle read, in cells, and judges who signed them.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/model/configuration.hpp"
#include "core/model/problem.hpp"
#include "core/model/targets.hpp"
#include "core/system/cells.hpp"
#include "core/work/backend.hpp"
#include "core/work/bundle.hpp"
#include "core/work/signer.hpp"

namespace core {

/// How a line judges package signatures; null verifier: it is not asked.
struct SignatureRule {
    SignaturePolicy policy = SignaturePolicy::allow_unsigned;
    const Verifier* verifier = nullptr;
};

/// Those that can be read, with what is remarkable of them; what cannot be is in the report.
/// `progress` is told how many are, of how many.
std::vector<BundledPackage> inspect_packages(
    const Formats& formats, const Cells& cells, const std::vector<ReceivedFile>& files,
    const SignatureRule& signatures, const InspectionRule& rule,
    const std::function<void(std::size_t, std::size_t)>& progress, Report& report);

}  // namespace core
