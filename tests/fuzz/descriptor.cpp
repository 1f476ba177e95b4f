// SPDX-License-Identifier: GPL-3.0-or-later
// release.xml of any revision: never an exception, and what is read of it stands in a record as it
// was read.
#include "backends/bundle/descriptor.hpp"

#include "core/model/release.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bundle::ParsedDescriptor parsed =
        bundle::parse_descriptor(fuzz::text_of(data, size), "release.xml");
    for (const core::Problem& problem : parsed.report) {
        fuzz::claim(!problem.code.empty() && !problem.message.empty(), "a finding says something");
        fuzz::claim(problem.line >= 0 && problem.column >= 0, "a finding has a place");
    }
    if (core::has_errors(parsed.report)) return 0;
    core::Release release;
    release.descriptor = std::move(parsed.descriptor);
    release.warnings = std::move(parsed.report);
    fuzz::claim(core::release_from_json(core::to_json(release)) == release,
                "a record says what was read");
    return 0;
}
