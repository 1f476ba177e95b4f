// SPDX-License-Identifier: GPL-3.0-or-later
// A depot whose configuration changes, and what is said of it.
#pragma once

#include <gtest/gtest.h>

#include "core/model/error.hpp"
#include "core/system/files.hpp"
#include "core/work/configuration_change.hpp"
#include "tests/core/world.hpp"

namespace core_test {

inline const std::string with_stages = R"(
[[stage]]
name = "unverified"
entry = true
rejectable = true
[[stage]]
name = "stage-rollout"
from = ["unverified"]
rejectable = true
[[stage]]
name = "production"
from = ["stage-rollout"]
emergency_from = ["unverified"]
enabled = true
[[stage]]
name = "deprecated"
from = ["production"]
archive = true
)";

class ReconfiguredDepot : public testing::Test, public World {
  protected:
    ReconfiguredDepot() : World(plain_configuration() + with_stages) {}

    /// As `sluice status` asks for them.
    core::ConfigurationFindings told() {
        const core::ProviderKeys keys = core::provider_keys(*depot, read_keys);
        return core::configuration_findings(*depot, formats, depot->state(), &keys);
    }

    void configure(const std::string& text) {
        core::write_file(depot->layout.configuration(), text);
        reopen();
    }

    static std::string replaced(std::string text, const std::string& what,
                                const std::string& with) {
        const auto at = text.find(what);
        if (at == std::string::npos) throw std::logic_error("not there: " + what);
        return text.replace(at, what.size(), with);
    }

    /// Without the table that begins with `name`.
    static std::string without(std::string text, const std::string& name) {
        const auto begin = text.rfind("[[", text.find("name = \"" + name + "\""));
        const auto end = text.find("[[", begin + 2);
        return text.erase(begin, end == std::string::npos ? end : end - begin);
    }

    std::string error_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const core::Refused& refused) {
            return std::string("refused: ") + refused.what();
        } catch (const core::Error& error) {
            return error.what();
        }
        return "no error";
    }

    const std::string whole = plain_configuration() + with_stages;
    const std::string el9 = "architectures = [\"x86_64\", \"aarch64\"]";
};

}  // namespace core_test
